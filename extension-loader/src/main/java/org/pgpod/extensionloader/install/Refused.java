package org.pgpod.extensionloader.install;

import java.io.IOException;

/** A package holds something that must not be unpacked, so none of it is. */
final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    Refused(String reason) {
        super(reason);
    }
}

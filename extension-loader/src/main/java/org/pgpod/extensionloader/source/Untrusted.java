package org.pgpod.extensionloader.source;

import java.io.IOException;

/** Something that came from a repository was refused because it did not prove to be what it claims. */
final class Untrusted extends IOException {
    private static final long serialVersionUID = 1L;

    Untrusted(String reason) {
        super(reason);
    }

    Untrusted(String reason, Exception cause) {
        super(reason, cause);
    }
}

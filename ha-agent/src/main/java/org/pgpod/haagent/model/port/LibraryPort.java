package org.pgpod.haagent.model.port;

import java.util.Optional;

/** {@code run/extensions/installed.json}. */
public interface LibraryPort {
    /** The digest of the extensions this pod can load; empty while the loader has not written any. */
    Optional<String> digest();
}

package org.pgpod.haagent.model.port;

import org.pgpod.core.pod.ProxyAnswer;

/** {@code run/proxy}. */
public interface ProxyPort {
    /** The proxy's last answer; absent, torn or of another boot is a failure. */
    Reading<ProxyAnswer> read();
}

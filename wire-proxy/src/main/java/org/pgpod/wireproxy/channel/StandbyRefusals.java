package org.pgpod.wireproxy.channel;

import org.pgpod.wireproxy.protocol.FatalError;

/** What the proxy tells clients that read at standbys, besides {@link Refusals}. */
final class StandbyRefusals {
    private static final String TERMINATED = "terminating connection due to administrator command";
    private static final String AGAIN = "Connect again: another standby will serve.";

    private StandbyRefusals() {}

    static FatalError none() {
        return new FatalError(
                "57P03",
                "the database system is not accepting connections",
                "No standby of the cluster is fit to serve at the moment.",
                "See pgpod_proxy_standby_fit and standbyLagMax of the proxy, or set standbyFallback.");
    }

    static FatalError promoted() {
        return new FatalError("57P01", TERMINATED, "This standby has become the primary.", AGAIN);
    }

    static FatalError unfit(String name) {
        return new FatalError(
                "57P01", TERMINATED, "The server " + name + " lags too much, or is no standby any more.", AGAIN);
    }
}

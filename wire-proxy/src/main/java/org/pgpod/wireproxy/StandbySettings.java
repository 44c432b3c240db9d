package org.pgpod.wireproxy;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.wireproxy.standbys.Standbys;

/**
 * The options of the section {@code wireProxy} about the port for standbys.
 *
 * @param port 0 for none
 * @param lagBytesMax a standby with more WAL to replay serves nobody
 * @param fallback what becomes of clients while no standby is fit
 * @param agentUrl the status of this pod's agent; empty for where it is by default
 */
record StandbySettings(int port, long lagBytesMax, Standbys.Fallback fallback, Optional<URI> agentUrl) {
    private static final Option<Integer> PORT = Options.number(
                    "standbyPort",
                    0,
                    65_535,
                    "Where clients reach a standby, in whichever pod there is a fit one; 0 opens none. Needs `peers`.")
            .withDefault("0");
    private static final Option<Long> LAG_MAX = Options.bytes(
                    "standbyLagMax",
                    0,
                    1L << 50,
                    "WAL that a standby may have yet to replay and still serve clients of that port.")
            .withDefault("64MiB");
    private static final Option<Standbys.Fallback> FALLBACK = Options.choice(
                    "standbyFallback",
                    Standbys.Fallback.class,
                    "What becomes of clients of that port while no standby is fit: they are refused (`none`) or brought to the"
                            + " primary (`primary`).")
            .withDefault("none");
    private static final Option<Optional<URI>> AGENT_URL = Options.of(
                    "agentUrl",
                    "an address such as http://127.0.0.1:8008/status, or empty",
                    "ha-agent's status of this pod, which names the members; without it, `/status` on port 8008 of the pod's"
                            + " address.",
                    StandbySettings::url)
            .withDefault("");

    static final List<Option<?>> OPTIONS = List.of(PORT, LAG_MAX, FALLBACK, AGENT_URL);

    private static Optional<URI> url(String text) {
        if (text.isBlank()) {
            return Optional.empty();
        }
        URI url = URI.create(text.strip());
        if (!"http".equals(url.getScheme()) || url.getHost() == null) {
            throw new IllegalArgumentException("no address");
        }
        return Optional.of(url);
    }

    static StandbySettings from(Values values) {
        return new StandbySettings(values.get(PORT), values.get(LAG_MAX), values.get(FALLBACK), values.get(AGENT_URL));
    }

    /** The standbys, empty if there is no port for them; the error says what it lacks. */
    Optional<Standbys> standbys(PodSettings pod, boolean peers) throws IOException {
        if (port == 0) {
            return Optional.empty();
        }
        if (!peers) {
            throw new IOException(
                    "wireProxy.standbyPort is set, but wireProxy.peers is false: without the port for peers"
                            + " no pod can reach the standby of another");
        }
        return Optional.of(new Standbys(new Standbys.Terms(pod.name(), pod.zone(), lagBytesMax, fallback)));
    }

    URI agentUrl(PodSettings pod) {
        String host = pod.address().contains(":") ? "[" + pod.address() + "]" : pod.address();
        return agentUrl.orElseGet(() -> URI.create("http://" + host + ":8008/status"));
    }
}

package org.pgpod.wireproxy;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.wireproxy.channel.Arrivals;

/**
 * The section {@code wireProxy}.
 *
 * @param address where both doors listen
 * @param port the clients' door
 * @param peerPort the door of the cluster's other pods
 * @param peers whether that door exists
 * @param clientTls how clients may connect
 * @param clientConnectionsMax connections at the clients' door, logged in or not
 * @param peerConnectionsMax connections at the peers' door
 * @param loginTimeout from the first byte until Postgres has admitted the user
 * @param eventLoops threads that relay
 * @param adminAddress where the admin server listens
 * @param adminPort its port
 * @param arrivals what is asked of clients' connections before their first packet
 * @param observation what is measured and told of statements
 */
record WireProxySettings(
        String address,
        int port,
        int peerPort,
        boolean peers,
        ClientTls clientTls,
        int clientConnectionsMax,
        int peerConnectionsMax,
        Duration loginTimeout,
        int eventLoops,
        String adminAddress,
        int adminPort,
        Arrivals arrivals,
        ObservationSettings observation) {

    /** How clients may connect. */
    enum ClientTls {
        /** With TLS only; the certificate must be there. */
        REQUIRED,
        /** With or without TLS, as the client asks; the certificate must be there. */
        ALLOWED,
        /** Without TLS only: requests for TLS are answered no, and no certificate is read. */
        DISABLED
    }

    private static final Option<String> ADDRESS = Options.text(
                    "address", "The address at which clients and peers are served.")
            .withDefault("0.0.0.0");
    private static final Option<Integer> PORT = Options.port("port", 5432, "Where clients connect.");
    private static final Option<Integer> PEER_PORT = Options.port(
            "peerPort", 5434, "Where the other pods of the cluster connect, with certificates on both sides.");
    private static final Option<Boolean> PEERS = Options.flag(
                    "peers", "Whether there is a port for peers; without it nobody can replicate from this pod.")
            .withDefault("true");
    private static final Option<ClientTls> CLIENT_TLS = Options.choice(
                    "clientTls",
                    ClientTls.class,
                    "Whether clients must, may or cannot use TLS. `disabled` reads no client certificate.")
            .withDefault("required");
    private static final Option<Integer> CLIENT_CONNECTIONS_MAX = Options.number(
                    "clientConnectionsMax", 1, 100_000, "Connections of clients, logged in or not.")
            .withDefault("1000");
    private static final Option<Integer> PEER_CONNECTIONS_MAX = Options.number(
                    "peerConnectionsMax", 1, 10_000, "Connections of peers, logged in or not.")
            .withDefault("100");
    private static final Option<Duration> LOGIN_TIMEOUT = Options.duration(
                    "loginTimeout",
                    Duration.ofMillis(100),
                    Duration.ofMinutes(10),
                    "How long a connection may take until Postgres has admitted its user, TLS and waiting included.")
            .withDefault("60s");
    private static final Option<Integer> EVENT_LOOPS = Options.number(
                    "eventLoops", 1, 64, "Threads that relay; one of them can relay as much as one processor core.")
            .withDefault("2");
    private static final Option<String> ADMIN_ADDRESS = Options.text(
                    "adminAddress", "The address of `/livez`, `/readyz` and `/metrics`.")
            .withDefault("0.0.0.0");
    private static final Option<Integer> ADMIN_PORT = Options.port("adminPort", 9127, "Their port.");

    private static final List<Option<?>> OWN = List.of(
            ADDRESS,
            PORT,
            PEER_PORT,
            PEERS,
            CLIENT_TLS,
            CLIENT_CONNECTIONS_MAX,
            PEER_CONNECTIONS_MAX,
            LOGIN_TIMEOUT,
            EVENT_LOOPS,
            ADMIN_ADDRESS,
            ADMIN_PORT);

    static final SectionSchema SCHEMA = new SectionSchema(
            "wireProxy",
            "The proxy in front of Postgres.",
            Stream.of(OWN, ArrivalSettings.OPTIONS, ObservationSettings.OPTIONS)
                    .flatMap(List::stream)
                    .toList());

    static WireProxySettings from(Values values) {
        return new WireProxySettings(
                values.get(ADDRESS),
                values.get(PORT),
                values.get(PEER_PORT),
                values.get(PEERS),
                values.get(CLIENT_TLS),
                values.get(CLIENT_CONNECTIONS_MAX),
                values.get(PEER_CONNECTIONS_MAX),
                values.get(LOGIN_TIMEOUT),
                values.get(EVENT_LOOPS),
                values.get(ADMIN_ADDRESS),
                values.get(ADMIN_PORT),
                ArrivalSettings.from(values),
                ObservationSettings.from(values));
    }
}

package org.pgpod.wireproxy;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.wireproxy.channel.Arrivals;
import org.pgpod.wireproxy.tls.TlsPolicy;

/**
 * The section {@code wireProxy}.
 *
 * @param address where both doors listen
 * @param port the clients' door
 * @param primaryPort the door to the primary, whichever pod it is in; 0 for none
 * @param peerPort the door of the cluster's other pods
 * @param peers whether that door exists
 * @param clientTls how clients may connect
 * @param certificates what is asked of clients' certificates
 * @param tlsVersionMin the oldest TLS that is spoken, at both doors
 * @param tlsCiphers the cipher suites of TLS 1.2; empty for all safe ones
 * @param clientAuthentication who asks clients for their password
 * @param clientConnectionsMax connections at the clients' door, logged in or not
 * @param peerConnectionsMax connections at the peers' door
 * @param waitingBytesMax what clients together may have sent that waits here
 * @param loginTimeout from the first byte until Postgres has admitted the user
 * @param eventLoops threads that relay
 * @param adminAddress where the admin server listens
 * @param adminPort its port
 * @param standbys the door to standbys
 * @param pool how clients share server connections
 * @param console the admin database
 * @param arrivals what is asked of clients' connections before their first packet
 * @param observation what is measured and told of statements
 */
record WireProxySettings(
        String address,
        int port,
        int primaryPort,
        int peerPort,
        boolean peers,
        ClientTls clientTls,
        CertificateSettings certificates,
        String tlsVersionMin,
        List<String> tlsCiphers,
        ClientAuthentication clientAuthentication,
        int clientConnectionsMax,
        int peerConnectionsMax,
        long waitingBytesMax,
        Duration loginTimeout,
        int eventLoops,
        String adminAddress,
        int adminPort,
        StandbySettings standbys,
        PoolSettings pool,
        ConsoleSettings console,
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

    /** Who asks clients for their password. */
    enum ClientAuthentication {
        /** Postgres, by any of its methods. */
        RELAY,
        /** The proxy, by SCRAM-SHA-256, which it then uses to log in to Postgres. */
        SCRAM
    }

    private static final Option<String> ADDRESS = Options.text(
                    "address", "The address at which clients and peers are served.")
            .withDefault("0.0.0.0");
    private static final Option<Integer> PORT = Options.port("port", 5432, "Where clients connect.");
    private static final Option<Integer> PRIMARY_PORT = Options.number(
                    "primaryPort",
                    0,
                    65_535,
                    "Where clients reach the primary, whichever pod it is in, through the peers' port of that pod; 0 opens none.")
            .withDefault("0");
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
    private static final Option<String> TLS_VERSION_MIN = Options.of(
                    "tlsVersionMin",
                    TlsPolicy.TLS_1_2 + " or " + TlsPolicy.TLS_1_3,
                    "The oldest version of TLS that is spoken, with clients and with peers.",
                    WireProxySettings::tlsVersion)
            .withDefault(TlsPolicy.TLS_1_2);
    private static final Option<List<String>> TLS_CIPHERS = Options.list(
            "tlsCiphers",
            "Cipher suites of TLS 1.2, the preferred one first, by their IANA names; empty for all that the TLS library"
                    + " deems safe. Those of TLS 1.3 are not chosen.");
    private static final Option<ClientAuthentication> CLIENT_AUTHENTICATION = Options.choice(
                    "clientAuthentication",
                    ClientAuthentication.class,
                    "Who asks clients for their password: Postgres (`relay`), or the proxy by SCRAM-SHA-256 (`scram`), with"
                            + " which `channel_binding=require` works.")
            .withDefault("relay");
    private static final Option<Integer> CLIENT_CONNECTIONS_MAX = Options.number(
                    "clientConnectionsMax", 1, 100_000, "Connections of clients, logged in or not.")
            .withDefault("1000");
    private static final Option<Integer> PEER_CONNECTIONS_MAX = Options.number(
                    "peerConnectionsMax", 1, 10_000, "Connections of peers, logged in or not.")
            .withDefault("100");
    private static final Option<Long> WAITING_BYTES_MAX = Options.bytes(
                    "waitingBytesMax",
                    65_536,
                    1L << 40,
                    "What all clients together may have sent that waits in the proxy: for a server connection, for the end of"
                            + " a hold, or for the rest of a long message. Who exceeds it ends.")
            .withDefault("64MiB");
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
            PRIMARY_PORT,
            PEER_PORT,
            PEERS,
            CLIENT_TLS,
            TLS_VERSION_MIN,
            TLS_CIPHERS,
            CLIENT_AUTHENTICATION,
            CLIENT_CONNECTIONS_MAX,
            PEER_CONNECTIONS_MAX,
            WAITING_BYTES_MAX,
            LOGIN_TIMEOUT,
            EVENT_LOOPS,
            ADMIN_ADDRESS,
            ADMIN_PORT);

    static final SectionSchema SCHEMA = new SectionSchema(
            "wireProxy",
            "The proxy in front of Postgres.",
            Stream.of(
                            OWN,
                            CertificateSettings.OPTIONS,
                            StandbySettings.OPTIONS,
                            PoolSettings.ALL,
                            ConsoleSettings.ALL,
                            ArrivalSettings.OPTIONS,
                            ObservationSettings.OPTIONS)
                    .flatMap(List::stream)
                    .toList());

    private static String tlsVersion(String text) {
        if (!text.equals(TlsPolicy.TLS_1_2) && !text.equals(TlsPolicy.TLS_1_3)) {
            throw new IllegalArgumentException("neither");
        }
        return text;
    }

    static WireProxySettings from(Values values) {
        return new WireProxySettings(
                values.get(ADDRESS),
                values.get(PORT),
                values.get(PRIMARY_PORT),
                values.get(PEER_PORT),
                values.get(PEERS),
                values.get(CLIENT_TLS),
                CertificateSettings.from(values),
                values.get(TLS_VERSION_MIN),
                values.get(TLS_CIPHERS),
                values.get(CLIENT_AUTHENTICATION),
                values.get(CLIENT_CONNECTIONS_MAX),
                values.get(PEER_CONNECTIONS_MAX),
                values.get(WAITING_BYTES_MAX),
                values.get(LOGIN_TIMEOUT),
                values.get(EVENT_LOOPS),
                values.get(ADMIN_ADDRESS),
                values.get(ADMIN_PORT),
                StandbySettings.from(values),
                PoolSettings.from(values),
                ConsoleSettings.from(values),
                ArrivalSettings.from(values),
                ObservationSettings.from(values));
    }
}

package org.pgpod.wireproxy;

import java.util.Arrays;
import java.util.List;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.wireproxy.channel.Arrivals;
import org.pgpod.wireproxy.channel.Network;
import org.pgpod.wireproxy.channel.SourceRate;

/** The part of the section {@code wireProxy} about connections before their first packet. */
final class ArrivalSettings {
    private static final Option<List<Network>> PROXY_PROTOCOL_FROM = Options.of(
                    "proxyProtocolFrom",
                    "a list of addresses or networks such as 10.0.0.0/8, or empty for none",
                    "Load balancers whose connections to the clients' port begin with a PROXY protocol header.",
                    ArrivalSettings::networks)
            .withDefault("");
    private static final Option<Integer> CONNECTION_RATE_PER_SOURCE_MAX = Options.number(
                    "connectionRatePerSourceMax",
                    0,
                    100_000,
                    "Connections a second that one address may open at the clients' port; 0 for any number.")
            .withDefault("0");
    private static final Option<Boolean> APPLICATION_NAME_ADDS_CLIENT = Options.flag(
                    "applicationNameAddsClient",
                    "Whether the client's address and port are added to the `application_name` it starts with.")
            .withDefault("false");

    static final List<Option<?>> OPTIONS =
            List.of(PROXY_PROTOCOL_FROM, CONNECTION_RATE_PER_SOURCE_MAX, APPLICATION_NAME_ADDS_CLIENT);

    private ArrivalSettings() {}

    static Arrivals from(Values values) {
        return new Arrivals(
                values.get(PROXY_PROTOCOL_FROM),
                SourceRate.of(values.get(CONNECTION_RATE_PER_SOURCE_MAX)),
                values.get(APPLICATION_NAME_ADDS_CLIENT) ? Arrivals.Naming.WITH_ADDRESS : Arrivals.Naming.AS_GIVEN);
    }

    private static List<Network> networks(String text) {
        return Arrays.stream(text.split("[,\n]", -1))
                .map(String::strip)
                .filter(one -> !one.isEmpty())
                .map(Network::parse)
                .toList();
    }
}

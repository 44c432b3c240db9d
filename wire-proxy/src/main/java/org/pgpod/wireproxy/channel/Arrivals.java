package org.pgpod.wireproxy.channel;

import java.util.List;
import java.util.Optional;

/**
 * What is asked of a connection before its first packet.
 *
 * @param loadBalancers who begins each connection with a PROXY protocol header; from others such a header is nonsense
 * @param rate how many connections a source may open; empty for any number
 * @param naming whether Postgres is told where clients come from
 */
public record Arrivals(List<Network> loadBalancers, Optional<SourceRate> rate, Naming naming) {
    /** What {@code application_name} says of a client. */
    public enum Naming {
        /** What the client gave. */
        AS_GIVEN,
        /** That, and the client's address. */
        WITH_ADDRESS
    }

    public Arrivals {
        loadBalancers = List.copyOf(loadBalancers);
    }

    /** Nothing is asked. */
    public static Arrivals unlimited() {
        return new Arrivals(List.of(), Optional.empty(), Naming.AS_GIVEN);
    }

    /** Whether a connection with this origin must begin with a PROXY protocol header. */
    boolean needsHeader(ClientAddress origin) {
        for (Network balancer : loadBalancers) {
            if (balancer.contains(origin.address())) {
                return true;
            }
        }
        return false;
    }
}

package org.pgpod.haagent.client;

import java.net.URI;
import java.util.OptionalInt;
import org.pgpod.haagent.model.MemberStatus;

/**
 * Where agents take requests of one another and of people.
 *
 * @param tlsPort of every agent of the cluster; empty while there is none, and each says its plain port itself
 */
public record AgentAddresses(OptionalInt tlsPort) {
    /** The root of a member's REST interface; an unusable address is an {@link IllegalArgumentException}. */
    public URI of(MemberStatus member) {
        String host = member.address().contains(":") ? "[" + member.address() + "]" : member.address();
        return URI.create(
                tlsPort.isPresent()
                        ? "https://" + host + ":" + tlsPort.getAsInt() + "/"
                        : "http://" + host + ":" + member.apiPort() + "/");
    }
}

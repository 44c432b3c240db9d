package org.pgpod.wireproxy.channel;

import org.pgpod.wireproxy.tls.PeerTls;

/**
 * How sessions reach the primary of another pod: through the peers' port of its proxy.
 *
 * @param tls this pod's certificate and the authority of the peers
 * @param peerPort the port, the same in every pod of the cluster
 */
public record Forwarding(PeerTls tls, int peerPort) {}

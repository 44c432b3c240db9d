package org.pgpod.image.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

/** The ports that the pods of this machine use; the same in each pod. */
final class Ports {
    private static final List<Integer> OF_A_POD = List.of(5432, 5433, 5434, 8008, 9187, 9127, 9189, 9190);

    private Ports() {}

    /** An {@link IOException} names the first address that something else listens on. */
    static void requireFree(LocalLayout layout) throws IOException {
        // The addresses of pods with networks of their own are not this machine's, and nobody else's either.
        for (int number = 0; number < LocalLayout.PODS && !layout.network().apart(); number++) {
            for (int port : OF_A_POD) {
                requireFree(layout.podAddress(number), port);
            }
        }
        requireFree(layout.logStoreAddress(), LogStore.PORT);
    }

    private static void requireFree(String address, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new java.net.InetSocketAddress(InetAddress.getByName(address), port));
        } catch (java.net.BindException inUse) {
            throw new IOException("port " + port + " on " + address + " is in use by another program", inUse);
        }
    }
}

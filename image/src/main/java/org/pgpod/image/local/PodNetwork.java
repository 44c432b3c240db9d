package org.pgpod.image.local;

import java.util.List;

/** Where the pods of this machine find each other. Hosts are numbers: the last part of an address. */
public interface PodNetwork {
    /** Every host is a loopback address; all share the machine's own network. */
    PodNetwork LOOPBACK = new PodNetwork() {
        @Override
        public String address(int host) {
            return "127.0.71." + host;
        }

        @Override
        public List<String> within(int host, List<String> command) {
            return command;
        }

        @Override
        public boolean apart() {
            return false;
        }
    };

    String address(int host);

    /** The command run in the network of that host. */
    List<String> within(int host, List<String> command);

    /** Whether each host has a network of its own, in which nothing else can have taken a port. */
    boolean apart();
}

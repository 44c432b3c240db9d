package org.pgpod.core.pod;

/**
 * Time since this node booted, the only clock that lease arithmetic uses: it never jumps, it goes on while the node
 * sleeps, and every process of the pod reads the same value.
 */
public interface BootClock {
    /** Milliseconds since boot. */
    long nowMillis();

    /** The kernel's random id of this boot: readings of two boots must never be compared. */
    String bootId();
}

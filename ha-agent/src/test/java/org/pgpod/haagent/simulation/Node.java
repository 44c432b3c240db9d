package org.pgpod.haagent.simulation;

import org.pgpod.core.pod.BootClock;

/** A machine with a boot clock of its own, which may run a little fast or slow and begins anew with every boot. */
final class Node implements BootClock {
    private final VirtualTime time;
    private final String name;
    private final double rate;
    private long bootedMillis;
    private long uptimeMillis;
    private int boots = 1;
    private long pausedUntilMillis;

    /** @param uptimeMillis what its clock shows now */
    Node(VirtualTime time, String name, double rate, long uptimeMillis) {
        this.time = time;
        this.name = name;
        this.rate = rate;
        this.uptimeMillis = uptimeMillis;
        this.bootedMillis = time.nowMillis();
    }

    String name() {
        return name;
    }

    @Override
    public long nowMillis() {
        return uptimeMillis + (long) ((time.nowMillis() - bootedMillis) * rate);
    }

    @Override
    public String bootId() {
        return name + "-boot" + boots;
    }

    /** How long {@code nodeMillis} of this clock last. */
    long lasting(long nodeMillis) {
        return Math.max(0, (long) Math.ceil(nodeMillis / rate));
    }

    void reboot(long uptimeAfterwardsMillis) {
        boots++;
        bootedMillis = time.nowMillis();
        uptimeMillis = uptimeAfterwardsMillis;
    }

    /** As a hypervisor does: nothing runs, and the clock goes on. */
    void pauseUntil(long untilMillis) {
        pausedUntilMillis = untilMillis;
    }

    long pausedUntilMillis() {
        return pausedUntilMillis;
    }

    boolean isPaused() {
        return time.nowMillis() < pausedUntilMillis;
    }
}

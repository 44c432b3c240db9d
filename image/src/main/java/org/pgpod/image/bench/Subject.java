package org.pgpod.image.bench;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** A running cluster of three members that is put through faults; members are numbered from 0. */
interface Subject extends AutoCloseable {
    /** As rows name it, with version and settings. */
    String name();

    /** Whether there is one primary and every other member streams from it. */
    boolean formed() throws IOException, InterruptedException;

    /** The member that is the primary and takes clients; empty if none or more than one says so. */
    Optional<Integer> primary() throws InterruptedException;

    /** A number that is raised with every change of the primary. */
    long term() throws InterruptedException;

    /** SIGKILL to everything of the member at once; nothing comes back before {@link #start}. */
    void kill(int member) throws IOException, InterruptedException;

    /** SIGKILL to the postmaster alone. */
    void killPostmaster(int member) throws IOException, InterruptedException;

    /** The orderly end that the platform gives a member whose machine is to be emptied. */
    void delete(int member) throws IOException, InterruptedException;

    void start(int member) throws IOException, InterruptedException;

    /** Hands the primary over as planned. */
    void switchover(int from) throws IOException, InterruptedException;

    /** As a client connects that wants the primary, whichever it is. */
    Load.Route route();

    /** As a client connects that knows this member only. */
    Load.Route route(int member);

    /**
     * When the right to write of a member that was cut off at {@code cutNanos} ends, in {@link System#nanoTime}; empty when
     * the member has none any more.
     */
    OptionalLong writeRightEndsNanos(int member, long cutNanos) throws IOException;

    @Override
    void close();
}

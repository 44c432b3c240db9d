package org.pgpod.core.postgres;

/**
 * The number of a term of leadership: {@code leaseTransitions} of the leader Lease, raised at every acquisition and never
 * reused, so that it serves as a fencing token.
 *
 * @param number 0 before the first term, then rising
 */
public record Epoch(long number) implements Comparable<Epoch> {
    /** Before any term. */
    public static final Epoch NONE = new Epoch(0);

    public Epoch {
        if (number < 0) {
            throw new IllegalArgumentException("an epoch is at least 0, not " + number);
        }
    }

    public Epoch next() {
        return new Epoch(Math.addExact(number, 1));
    }

    @Override
    public int compareTo(Epoch other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return Long.toString(number);
    }
}

package org.pgpod.wireproxy.lease;

/**
 * How many client sessions there are, counted after every event loop has carried out the current view.
 *
 * @param sessions open or waiting
 * @param inFlight with a statement or transaction that is not finished
 * @param parked kept at a transaction boundary by a hold
 */
public record Census(int sessions, int inFlight, int parked) {
    public static final Census EMPTY = new Census(0, 0, 0);

    public Census plus(Census other) {
        return new Census(sessions + other.sessions, inFlight + other.inFlight, parked + other.parked);
    }
}

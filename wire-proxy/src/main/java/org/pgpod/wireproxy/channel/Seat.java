package org.pgpod.wireproxy.channel;

/** The place that one connection has within a limit, for as long as it is open. Confined to its event loop. */
final class Seat {
    private ConnectionLimit limit;
    private ConnectionLimit.Place place;

    private Seat(ConnectionLimit limit) {
        this.limit = limit;
        this.place = limit.enter();
    }

    static Seat in(ConnectionLimit limit) {
        return new Seat(limit);
    }

    ConnectionLimit.Place place() {
        return place;
    }

    /** Gives this place up for one within another limit, which may be full. */
    void move(ConnectionLimit to) {
        leave();
        limit = to;
        place = to.enter();
    }

    /** Gives the place up. */
    void leave() {
        if (place != ConnectionLimit.Place.NONE) {
            limit.leave();
            place = ConnectionLimit.Place.NONE;
        }
    }
}

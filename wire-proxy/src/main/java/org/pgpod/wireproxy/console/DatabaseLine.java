package org.pgpod.wireproxy.console;

/**
 * What the admin database knows of one database.
 *
 * @param total since the proxy started
 * @param period within the last complete period for which averages are taken
 */
public record DatabaseLine(String database, Traffic total, Traffic period, boolean paused, boolean disabled) {
    /** Both, under the name of this one; what holds in one event loop holds in all. */
    DatabaseLine plus(DatabaseLine other) {
        return new DatabaseLine(
                database,
                total.plus(other.total),
                period.plus(other.period),
                paused || other.paused,
                disabled || other.disabled);
    }
}

package org.pgpod.exporter.model;

/**
 * The server that a session talks to.
 *
 * @param major the major version, such as 15
 * @param minor the minor version, such as 20
 */
public record Server(int major, int minor, Role role) {
    public Server as(Role other) {
        return new Server(major, minor, other);
    }

    @Override
    public String toString() {
        return "PostgreSQL " + major + "." + minor + " " + (role == Role.PRIMARY ? "primary" : "standby");
    }
}

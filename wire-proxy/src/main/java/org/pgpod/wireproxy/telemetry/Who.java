package org.pgpod.wireproxy.telemetry;

/**
 * Whose statement it was.
 *
 * @param database as the client gave it
 * @param user the role that logged in
 * @param application {@code application_name} as Postgres last reported it
 * @param client address and port, empty where they are unknown
 */
public record Who(String database, String user, String application, String client) {}

package org.pgpod.wireproxy.protocol;

/**
 * What the proxy needs to know of a StartupMessage; everything else in it is between client and Postgres.
 *
 * @param version major version in the upper, minor version in the lower 16 bits
 * @param user the role that logs in, empty when the client did not say
 * @param database the database it wants, the user's name when the client did not say
 * @param replication what kind of session is asked for
 */
public record StartupMessage(int version, String user, String database, Replication replication) {}

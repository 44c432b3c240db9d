package org.pgpod.haagent.model;

/**
 * A new session that waits for the first word of the local Postgres.
 *
 * @param server the run of Postgres that was asked, as {@link SupervisorState#server()} names it
 * @param sinceMillis boot clock when the first of the attempts began that all went unanswered
 */
public record Contact(String server, long sinceMillis) {}

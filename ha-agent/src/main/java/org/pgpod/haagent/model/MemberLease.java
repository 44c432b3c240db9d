package org.pgpod.haagent.model;

/**
 * A member's Lease as one list of the API returned it.
 *
 * @param pod the pod it belongs to, from the Lease's name
 * @param resourceVersion moves with every write, and so shows that its writer lives
 */
public record MemberLease(String pod, String resourceVersion, Parsed<MemberStatus> status) {}

package org.pgpod.haagent.model;

/** The result of a compare-and-set of the leader Lease. */
public sealed interface LeasePut {
    /**
     * The API stored the draft. Made by lease stores only, for it is what a {@link
     * LeaseTerm} is made from.
     *
     * @param stored the Lease as the API returned it
     */
    record Accepted(LeaseView stored) implements LeasePut {}

    /** The version had moved on, or the Lease already existed (HTTP 409): nothing was stored by this call. */
    record Conflict() implements LeasePut {}

    /** There is no such Lease to replace (HTTP 404). */
    record Missing() implements LeasePut {}

    /** The API refused, or was not reached: nothing was stored by this call. */
    record Failed(String reason) implements LeasePut {}

    /** No answer within the limit, or the connection broke after sending: it may have been stored, or may yet be. */
    record Unknown(String reason) implements LeasePut {}
}

package org.pgpod.logshipper.sink;

/** What became of a batch. */
public sealed interface Delivery {
    /** The rows and their positions are committed. */
    record Stored() implements Delivery {}

    /**
     * It may or may not be committed: the store must be opened again, and tells.
     *
     * @param state the SQLSTATE, or {@code network} without one
     */
    record Retry(String reason, String state) implements Delivery {}

    /** A younger shipper has taken the source over: this one may never write again. */
    record Fenced(long epoch) implements Delivery {}

    /** The store's positions are not those that the batch continues from: reading must start again from the store's. */
    record Diverged(String reason) implements Delivery {}
}

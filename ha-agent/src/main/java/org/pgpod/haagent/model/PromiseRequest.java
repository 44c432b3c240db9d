package org.pgpod.haagent.model;

import org.pgpod.core.postgres.Epoch;

/**
 * What a holder that cannot reach the API asks of a recorded voter: not to vote for another one (rule R16).
 *
 * @param holder who holds the leader Lease, and asks
 * @param epoch the epoch it holds
 * @param nonce unique; ties the answer to the question
 */
public record PromiseRequest(String cluster, Holder holder, Epoch epoch, String nonce) {}

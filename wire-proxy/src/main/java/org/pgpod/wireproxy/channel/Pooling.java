package org.pgpod.wireproxy.channel;

import java.time.Duration;
import org.pgpod.wireproxy.pool.PoolLimits;

/**
 * How clients share server connections.
 *
 * @param mode for how long a client keeps one
 * @param limits of the pools of one event loop
 * @param loginLimit how long a login at Postgres may take
 * @param statementsMax named statements that are kept prepared at one server connection
 * @param cancelKeys by which cancel requests find their sessions
 * @param clientCaps how many clients a database and a role may have
 * @param primaryWait how long a client at rest outlives its term without a primary; zero if it ends with the term
 */
public record Pooling(
        PoolMode mode,
        PoolLimits limits,
        Duration loginLimit,
        int statementsMax,
        CancelKeys cancelKeys,
        ClientCaps clientCaps,
        Duration primaryWait) {}

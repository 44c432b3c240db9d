package org.pgpod.wireproxy.pool;

/**
 * What is to be done after an event of a {@link PoolMachine}, in the order given.
 *
 * @param <C> clients, told apart by identity
 */
public sealed interface PoolEffect<C> {
    /** Log in; {@link PoolMachine#opened} or {@link PoolMachine#failed} must follow. */
    record Open<C>(ServerId server, PoolKey key) implements PoolEffect<C> {}

    /** The server connection serves this client until {@link PoolMachine#released} or {@link PoolMachine#gone}. */
    record Assign<C>(ServerId server, C client) implements PoolEffect<C> {}

    /** Bring it back to the state after login; {@link PoolMachine#opened} or {@link PoolMachine#gone} must follow. */
    record Reset<C>(ServerId server) implements PoolEffect<C> {}

    /** Close it; the machine has forgotten it. */
    record Close<C>(ServerId server) implements PoolEffect<C> {}

    /** The client has waited for some time. */
    record Notify<C>(C client) implements PoolEffect<C> {}

    /** The client waits no longer. */
    record Refuse<C>(C client, Refusal why) implements PoolEffect<C> {}

    /** Why a client does not get a server connection. */
    enum Refusal {
        WAIT_TIMEOUT,
        LOGIN_FAILED
    }
}

package org.pgpod.wireproxy.pool;

/** One server connection of a {@link PoolMachine}; numbers are never used again. */
public record ServerId(long number) {}

/**
 * What the agents of one cluster know, say and want: records and sealed types with the exact text forms of the protocol.
 * Nothing here reads a clock, a file or the network.
 */
@NullMarked
package org.pgpod.haagent.model;

import org.jspecify.annotations.NullMarked;

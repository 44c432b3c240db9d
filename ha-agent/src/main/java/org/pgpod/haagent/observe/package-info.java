/** Reads the world: Leases, the supervisor's files, the proxy's answer, Postgres. Changes nothing. */
@NullMarked
package org.pgpod.haagent.observe;

import org.jspecify.annotations.NullMarked;

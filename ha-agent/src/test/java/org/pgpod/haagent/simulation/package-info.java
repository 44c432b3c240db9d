/**
 * The simulator: several real agents over a Postgres, a supervisor, an API and clocks that exist in memory only, under
 * virtual time and seeded faults. A seed decides everything, so that every run can be replayed.
 */
@NullMarked
package org.pgpod.haagent.simulation;

import org.jspecify.annotations.NullMarked;

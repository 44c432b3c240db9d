/**
 * What to do next, as one pure function of what was observed and remembered, split by topic: bootstrap, election,
 * leadership, following, rejoin, switchover.
 */
@NullMarked
package org.pgpod.haagent.decide;

import org.jspecify.annotations.NullMarked;

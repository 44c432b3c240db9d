/** Values of Postgres that more than one sidecar reads: positions, timelines, epochs. */
@NullMarked
package org.pgpod.core.postgres;

import org.jspecify.annotations.NullMarked;

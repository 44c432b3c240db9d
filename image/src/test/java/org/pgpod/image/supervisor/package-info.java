/** Tests of the Postgres container's supervisor, as a process with real Postgres servers under it. */
@NullMarked
package org.pgpod.image.supervisor;

import org.jspecify.annotations.NullMarked;

/** Reads the world: Postgres by SQL, the pod's other sidecars by HTTP. */
@NullMarked
package org.pgpod.exporter.collect;

import org.jspecify.annotations.NullMarked;

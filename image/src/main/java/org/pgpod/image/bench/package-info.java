/** Benchmarks: pgpod and its peers side by side, in one run on one machine. */
@NullMarked
package org.pgpod.image.bench;

import org.jspecify.annotations.NullMarked;

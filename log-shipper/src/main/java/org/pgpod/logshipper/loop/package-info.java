/** The running shipper: a thread that reads, a thread that stores, what they pass to each other, and the sidecar around. */
@NullMarked
package org.pgpod.logshipper.loop;

import org.jspecify.annotations.NullMarked;

/** How a sidecar is described, started, asked for its health and stopped. */
@NullMarked
package org.pgpod.core.lifecycle;

import org.jspecify.annotations.NullMarked;

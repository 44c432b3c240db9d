/** Metrics registry and JSON logging, set up alike in every sidecar. */
@NullMarked
package org.pgpod.core.telemetry;

import org.jspecify.annotations.NullMarked;

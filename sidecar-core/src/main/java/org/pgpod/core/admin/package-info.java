/** The administrative HTTP server of a sidecar: liveness, readiness and metrics. */
@NullMarked
package org.pgpod.core.admin;

import org.jspecify.annotations.NullMarked;

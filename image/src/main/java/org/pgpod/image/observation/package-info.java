/** Alerts and dashboards, and whether the metrics they use are there. */
@NullMarked
package org.pgpod.image.observation;

import org.jspecify.annotations.NullMarked;

/** Counters that the event loops raise, and the meters that show them. */
@NullMarked
package org.pgpod.wireproxy.telemetry;

import org.jspecify.annotations.NullMarked;

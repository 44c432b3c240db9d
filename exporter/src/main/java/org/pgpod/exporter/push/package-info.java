/** Sends metrics to a collector by OTLP. */
@NullMarked
package org.pgpod.exporter.push;

import org.jspecify.annotations.NullMarked;

/** The page that Prometheus reads, and its HTTP handlers. */
@NullMarked
package org.pgpod.exporter.expose;

import org.jspecify.annotations.NullMarked;

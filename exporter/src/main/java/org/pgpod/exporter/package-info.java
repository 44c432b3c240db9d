/**
 * Prometheus metrics of Postgres: one page that answers quickly whatever the server does.
 *
 * <p>Floors, each using only those below it: wiring (this package), {@code loop} (who collects when), {@code collect}
 * (SQL and HTTP) beside {@code host} (the kernel's files) and {@code expose} (the page), {@code catalog} (the YAML collectors), {@code model}.
 */
@NullMarked
package org.pgpod.exporter;

import org.jspecify.annotations.NullMarked;

/** Collectors as data: reads and checks the YAML files, and writes the reference page from them. */
@NullMarked
package org.pgpod.exporter.catalog;

import org.jspecify.annotations.NullMarked;

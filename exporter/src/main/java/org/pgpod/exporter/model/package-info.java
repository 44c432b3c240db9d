/** Collectors, what they collected and what is shown of it: values without input, output or clock. */
@NullMarked
package org.pgpod.exporter.model;

import org.jspecify.annotations.NullMarked;

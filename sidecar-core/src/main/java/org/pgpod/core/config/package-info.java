/** One YAML file and its environment overrides, read against declared options; every problem is reported at once. */
@NullMarked
package org.pgpod.core.config;

import org.jspecify.annotations.NullMarked;

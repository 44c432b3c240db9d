/**
 * The little that all five sidecars need. A type enters when a second module needs it; packages are named by nouns and
 * depend on each other in one direction only: values and files below, configuration and lifecycle above.
 */
@NullMarked
package org.pgpod.core;

import org.jspecify.annotations.NullMarked;

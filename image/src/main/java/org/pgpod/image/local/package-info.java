/** Whole pods on one machine: real servers, real sidecars, one loopback address per pod, for trying, checking and measuring. */
@NullMarked
package org.pgpod.image.local;

import org.jspecify.annotations.NullMarked;

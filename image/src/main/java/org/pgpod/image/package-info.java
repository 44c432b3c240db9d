/**
 * Turns the five sidecars into pods: the launcher that hosts them in a process, the pod template and its injection, and
 * the same pod on one machine.
 */
@NullMarked
package org.pgpod.image;

import org.jspecify.annotations.NullMarked;

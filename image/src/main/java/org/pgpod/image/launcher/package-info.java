/** The command line, and the process that hosts one or several sidecars. */
@NullMarked
package org.pgpod.image.launcher;

import org.jspecify.annotations.NullMarked;

/** {@code pgpod ctl}: the command line of the agent's REST interface. */
@NullMarked
package org.pgpod.image.ctl;

import org.jspecify.annotations.NullMarked;

/** Tests of the pod template and its injection, against templates in the manner of other people's charts. */
@NullMarked
package org.pgpod.image.pod;

import org.jspecify.annotations.NullMarked;

/** From bytes of a file to the values of a row: framing, checking, JSON, time, the binary form of COPY. Pure. */
@NullMarked
package org.pgpod.logshipper.parse;

import org.jspecify.annotations.NullMarked;

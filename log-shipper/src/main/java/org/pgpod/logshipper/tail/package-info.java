/** Log files: which there are, what became of them, and their records from a position on. */
@NullMarked
package org.pgpod.logshipper.tail;

import org.jspecify.annotations.NullMarked;

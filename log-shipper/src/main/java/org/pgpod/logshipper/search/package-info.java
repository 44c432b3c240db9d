/** Reads records back from the store: for the terminal, for programs, and in the forms in which Postgres wrote them. */
@NullMarked
package org.pgpod.logshipper.search;

import org.jspecify.annotations.NullMarked;

/** The central store: a Postgres server, its schema, and batches written with their positions in one transaction. */
@NullMarked
package org.pgpod.logshipper.sink;

import org.jspecify.annotations.NullMarked;

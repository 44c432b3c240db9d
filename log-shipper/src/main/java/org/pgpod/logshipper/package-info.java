/**
 * Ships the logs of Postgres and of the sidecars into a central Postgres, each record exactly once: the positions in the
 * files are stored in the transaction that stores the rows. Floors: loop over sink and tail, tail over parse, all over
 * model.
 */
@NullMarked
package org.pgpod.logshipper;

import org.jspecify.annotations.NullMarked;

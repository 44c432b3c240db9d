/**
 * What is known of Postgres's records: their events, what in them must not leave the pod, their statements without values.
 * Pure: from the values of a record to the values that are stored.
 */
@NullMarked
package org.pgpod.logshipper.know;

import org.jspecify.annotations.NullMarked;

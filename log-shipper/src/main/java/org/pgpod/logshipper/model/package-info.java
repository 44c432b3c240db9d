/** What the shipper speaks about: streams, tables, files and how far they are stored, records, batches. No I/O, no clock. */
@NullMarked
package org.pgpod.logshipper.model;

import org.jspecify.annotations.NullMarked;

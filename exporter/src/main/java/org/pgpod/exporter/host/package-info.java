/** What the kernel says of Postgres, read from files: its container, its processes, the pod's volumes. No SQL. */
@NullMarked
package org.pgpod.exporter.host;

import org.jspecify.annotations.NullMarked;

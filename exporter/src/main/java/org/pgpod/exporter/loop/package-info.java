/** Who collects when: shared collections, the login check, the background job. */
@NullMarked
package org.pgpod.exporter.loop;

import org.jspecify.annotations.NullMarked;

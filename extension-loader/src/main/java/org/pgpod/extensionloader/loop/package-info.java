/** The cadence: reads the desired list, plans, installs, reports, and creates extensions; one pass at a time. */
@org.jspecify.annotations.NullMarked
package org.pgpod.extensionloader.loop;

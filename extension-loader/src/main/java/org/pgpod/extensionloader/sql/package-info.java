/** Waits until every member can load an extension, then creates or updates it on the primary. */
@org.jspecify.annotations.NullMarked
package org.pgpod.extensionloader.sql;

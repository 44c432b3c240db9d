/** Unpacks verified packages into the content-addressed store and keeps the relocated tree that Postgres runs from. */
@org.jspecify.annotations.NullMarked
package org.pgpod.extensionloader.install;

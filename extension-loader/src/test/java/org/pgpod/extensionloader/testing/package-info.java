/** Packages, repositories and keys made by the tests themselves. */
@org.jspecify.annotations.NullMarked
package org.pgpod.extensionloader.testing;

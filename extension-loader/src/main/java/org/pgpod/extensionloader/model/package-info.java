/** Values of Debian packages, desired extensions, plans and what is installed. No file, clock or network. */
@org.jspecify.annotations.NullMarked
package org.pgpod.extensionloader.model;

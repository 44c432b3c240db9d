/** Turns desired extensions into a plan: which packages, in which versions. Pure: equal inputs give equal plans. */
@org.jspecify.annotations.NullMarked
package org.pgpod.extensionloader.resolve;

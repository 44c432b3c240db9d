/** Reads package repositories: where they are configured, whom to believe, and what they offer. Every byte is verified before it is parsed. */
@org.jspecify.annotations.NullMarked
package org.pgpod.extensionloader.source;

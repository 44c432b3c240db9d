/**
 * The connections that {@code observe} and {@code act} share: one request at a time against the Kubernetes API, and kept
 * sessions of the local Postgres. Nothing here decides what a failure means.
 */
@NullMarked
package org.pgpod.haagent.client;

import org.jspecify.annotations.NullMarked;

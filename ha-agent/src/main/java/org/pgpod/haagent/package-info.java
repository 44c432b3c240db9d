/**
 * Keeps one Postgres cluster with one primary: elects it through a Kubernetes Lease and makes the local Postgres follow.
 * The floors, arrows pointing down only: {@code api} and {@code loop}; {@code observe}, {@code decide} and {@code act},
 * which never import each other; {@code model} with its ports.
 */
@NullMarked
package org.pgpod.haagent;

import org.jspecify.annotations.NullMarked;

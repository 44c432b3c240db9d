/**
 * Loads extensions from Debian-format package repositories into running, immutable Postgres containers.
 *
 * <p>The floors, arrows pointing down only: {@code loop} (cadence, state) uses {@code resolve} (pure planning),
 * {@code source} (repositories), {@code install} (store and relocated tree) and {@code sql} (barrier and {@code CREATE
 * EXTENSION}), which never see each other; all stand on {@code model}. This package wires them together.
 */
@org.jspecify.annotations.NullMarked
package org.pgpod.extensionloader;

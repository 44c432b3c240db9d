package org.pgpod.haagent.simulation;

/** How Postgres is asked to stop; a later signal never softens an earlier one. */
enum Signal {
    NONE,
    INT,
    QUIT,
    KILL
}

package org.pgpod.logshipper.model;

/** Takes out of a record what must not leave the pod. Called for each parsed record before it is put into a batch. */
@FunctionalInterface
public interface Redactor {
    /** Leaves every record as it is. */
    Redactor NONE = fields -> {};

    void redact(RecordFields fields);
}

package org.pgpod.logshipper.tail;

import org.pgpod.logshipper.model.RawRecord;

/** Takes records as they are read. */
@FunctionalInterface
public interface RecordHandler {
    /** How a record ended. */
    enum Ending {
        LINE_END,
        /** Its writer ended in the middle of it; what follows is another record. */
        TORN,
        /** The file is deleted and nothing follows. */
        END_OF_DELETED_FILE
    }

    /** What became of a record. */
    enum Taken {
        TAKEN,
        /** There is no room: the same record is offered again at the next reading. */
        FULL
    }

    Taken take(FileTail file, RawRecord raw, Ending ending);
}

package org.pgpod.logshipper.sink;

import java.util.Collection;
import org.pgpod.logshipper.model.Batch;

/**
 * Where batches go. It knows how far each file was delivered, and is asked after each doubt: reading goes on from there.
 * Used by one thread, except {@link #abort}.
 */
public interface LogSink {
    /** Makes it ready, and tells how far each file was delivered. */
    Opening open();

    /** Delivers a batch whole; it must be open. The same batch comes again after {@link Delivery.Retry}. */
    Delivery deliver(Batch batch);

    /**
     * Keeps it in order while nothing is to be delivered.
     *
     * @param present the numbers of the files that are there
     */
    void maintain(Collection<Integer> present);

    /** Whether it is open and answers; one that does not is closed. */
    boolean answers();

    void close();

    /** Ends a call that waits, from another thread. */
    void abort();
}

package org.pgpod.haagent.loop;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.pgpod.haagent.model.LocalFacts;

/** Where the lanes post what they learn: one reference to the present {@link Facts}, replaced without locks. */
public final class Board {
    private final AtomicReference<Facts> facts = new AtomicReference<>(Facts.NONE);

    public Facts facts() {
        return Objects.requireNonNull(facts.get());
    }

    void post(UnaryOperator<Facts> change) {
        facts.updateAndGet(change);
    }

    void postLocal(UnaryOperator<LocalFacts> change) {
        facts.updateAndGet(now -> now.withLocal(change.apply(now.local())));
    }
}

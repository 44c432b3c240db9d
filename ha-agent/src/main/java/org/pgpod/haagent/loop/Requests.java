package org.pgpod.haagent.loop;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;

/** What people asked for: one at a time, each answered once, the last answers kept for whoever asks again. */
public final class Requests {
    private static final int ANSWERS_MAX = 32;

    // The monitor guards both; it is held for a moment and never while anything is called.
    private Optional<Request> pending = Optional.empty();
    private final Map<String, RequestAnswer> answers = new LinkedHashMap<>();

    /** Takes a request on; false while another one is being worked on. */
    public synchronized boolean submit(Request request) {
        if (pending.isPresent()) {
            return false;
        }
        pending = Optional.of(request);
        remember(request.id(), new RequestAnswer.Running("accepted"));
        return true;
    }

    /** What became of a request; empty when it was never made or is long forgotten. */
    public synchronized Optional<RequestAnswer> answerTo(String id) {
        return Optional.ofNullable(answers.get(id));
    }

    synchronized Optional<Request> pending() {
        return pending;
    }

    synchronized void answer(String id, RequestAnswer answer) {
        if (pending.filter(request -> request.id().equals(id)).isPresent()) {
            pending = Optional.empty();
            remember(id, answer);
        }
    }

    private void remember(String id, RequestAnswer answer) {
        answers.remove(id);
        answers.put(id, answer);
        if (answers.size() > ANSWERS_MAX) {
            answers.remove(answers.keySet().iterator().next());
        }
    }
}

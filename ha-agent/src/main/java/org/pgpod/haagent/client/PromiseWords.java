package org.pgpod.haagent.client;

import java.util.List;
import org.pgpod.haagent.model.PromiseRequest;

/** What exactly is sealed of a request and of an answer, each under a name of its own so that neither passes for the other. */
public final class PromiseWords {
    /** The path of the agents' REST interface. */
    public static final String PATH = "/promise";

    private PromiseWords() {}

    public static List<String> of(PromiseRequest request) {
        return List.of(
                "pgpod-promise-request=1",
                request.cluster(),
                request.holder().toString(),
                request.epoch().toString(),
                request.nonce());
    }

    /** The answer of {@code voter}, {@code <pod>/<data id>}. */
    public static List<String> of(PromiseRequest request, String voter) {
        return List.of(
                "pgpod-promise=1",
                request.cluster(),
                request.holder().toString(),
                request.epoch().toString(),
                request.nonce(),
                voter);
    }
}

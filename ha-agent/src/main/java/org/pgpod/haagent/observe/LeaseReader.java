package org.pgpod.haagent.observe;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.client.LeaseObjects;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.port.Reading;

/**
 * Reads Leases by quorum reads: the requests carry no {@code resourceVersion}, so that the API may not answer from a
 * cache that lags behind.
 */
public final class LeaseReader {
    private static final int NOT_FOUND = 404;

    private final KubernetesApi api;
    private final ClusterNames names;
    private final LeaseObjects objects;

    public LeaseReader(KubernetesApi api, ClusterNames names) {
        this.api = api;
        this.names = names;
        this.objects = new LeaseObjects(names);
    }

    public Reading<Optional<LeaseView>> readLeader(Duration timeout) {
        ApiAnswer answer = api.get(names.lease(names.leaderLease()), timeout);
        if (answer instanceof ApiAnswer.Answered(int status, String ignored) && status == NOT_FOUND) {
            return Reading.of(Optional.empty());
        }
        return read(answer, body -> Optional.of(objects.leader(body)));
    }

    public Reading<List<MemberLease>> readMembers(Duration timeout) {
        return read(api.get(names.memberLeases(), timeout), objects::members);
    }

    private static <T> Reading<T> read(ApiAnswer answer, Function<String, T> reader) {
        if (!(answer instanceof ApiAnswer.Answered answered) || !answered.succeeded()) {
            return Reading.failed(answer.summary());
        }
        try {
            return Reading.of(reader.apply(answered.body()));
        } catch (IllegalArgumentException unreadable) {
            return Reading.failed(String.valueOf(unreadable.getMessage()));
        }
    }
}

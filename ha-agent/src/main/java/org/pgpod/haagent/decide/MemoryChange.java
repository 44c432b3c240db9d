package org.pgpod.haagent.decide;

import java.util.Map;
import java.util.Optional;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.Vote;
import org.pgpod.haagent.model.port.PodPort;

/** The next {@link Memory}, made from the last one; what is not named stays. */
final class MemoryChange {
    private long digested;
    private Optional<Vote> vote;
    private long votedMillis;
    private long openingMillis;
    private boolean unusable;
    private Optional<SystemId> initialised;
    private Founding founding;
    private boolean rewindFailed;
    private boolean cloned;
    private Copying copying;
    private Map<String, PodPort.RoleLabel> labels;
    private long labelledMillis;
    private long rolesMillis;
    private Optional<Memory.Handover> handover;
    private Optional<Memory.Restart> restart;
    private SynchronousMemory synchrony;
    private Optional<Memory.Tenure> tenure;
    private Optional<Memory.Promise> promise;
    private Optional<Action> failedAction;
    private long retryMillis;
    private Hang hang;
    private Withdrawal withdrawal;
    private Watch watch;
    private Cascade cascade;
    private Optional<Memory.Answer> answer;

    MemoryChange(Memory from) {
        digested = from.digested();
        vote = from.vote();
        votedMillis = from.votedMillis();
        openingMillis = from.openingMillis();
        unusable = from.unusable();
        initialised = from.initialised();
        founding = from.founding();
        rewindFailed = from.rewindFailed();
        cloned = from.cloned();
        copying = from.copying();
        labels = from.labels();
        labelledMillis = from.labelledMillis();
        rolesMillis = from.rolesMillis();
        handover = from.handover();
        restart = from.restart();
        synchrony = from.synchrony();
        tenure = from.tenure();
        promise = from.promise();
        failedAction = from.failedAction();
        retryMillis = from.retryMillis();
        hang = from.hang();
        withdrawal = from.withdrawal();
        watch = from.watch();
        cascade = from.cascade();
        answer = from.answer();
    }

    MemoryChange digested(long sequence) {
        digested = sequence;
        return this;
    }

    MemoryChange vote(Vote next) {
        vote = Optional.of(next);
        votedMillis = 0;
        return this;
    }

    MemoryChange noVote() {
        vote = Optional.empty();
        votedMillis = 0;
        return this;
    }

    MemoryChange votedMillis(long next) {
        votedMillis = next;
        return this;
    }

    MemoryChange openingMillis(long next) {
        openingMillis = next;
        return this;
    }

    MemoryChange unusable(boolean next) {
        unusable = next;
        return this;
    }

    MemoryChange initialised(Optional<SystemId> next) {
        initialised = next;
        return this;
    }

    MemoryChange founding(Founding next) {
        founding = next;
        return this;
    }

    MemoryChange rewindFailed(boolean next) {
        rewindFailed = next;
        return this;
    }

    MemoryChange copying(Copying next) {
        copying = next;
        return this;
    }

    MemoryChange cloned(boolean next) {
        cloned = next;
        return this;
    }

    MemoryChange labels(Map<String, PodPort.RoleLabel> next, long nowMillis) {
        labels = next;
        labelledMillis = nowMillis;
        return this;
    }

    MemoryChange rolesMillis(long next) {
        rolesMillis = next;
        return this;
    }

    MemoryChange handover(Memory.Handover next) {
        handover = Optional.of(next);
        return this;
    }

    MemoryChange noHandover() {
        handover = Optional.empty();
        return this;
    }

    MemoryChange restart(Optional<Memory.Restart> next) {
        restart = next;
        return this;
    }

    MemoryChange synchrony(SynchronousMemory next) {
        synchrony = next;
        return this;
    }

    MemoryChange tenure(Memory.Tenure next) {
        tenure = Optional.of(next);
        return this;
    }

    MemoryChange promise(Memory.Promise next) {
        promise = Optional.of(next);
        return this;
    }

    MemoryChange failed(Action action, long retryAtMillis) {
        failedAction = Optional.of(action);
        retryMillis = retryAtMillis;
        return this;
    }

    MemoryChange nothingFailed() {
        failedAction = Optional.empty();
        retryMillis = 0;
        return this;
    }

    MemoryChange hang(Hang next) {
        hang = next;
        return this;
    }

    MemoryChange withdrawal(Withdrawal next) {
        withdrawal = next;
        return this;
    }

    MemoryChange watch(Watch next) {
        watch = next;
        return this;
    }

    MemoryChange cascade(Cascade next) {
        cascade = next;
        return this;
    }

    MemoryChange answer(String requestId, RequestAnswer next) {
        answer = Optional.of(new Memory.Answer(requestId, next));
        return this;
    }

    Memory build() {
        return new Memory(
                digested,
                vote,
                votedMillis,
                openingMillis,
                unusable,
                initialised,
                founding,
                rewindFailed,
                cloned,
                copying,
                labels,
                labelledMillis,
                rolesMillis,
                handover,
                restart,
                synchrony,
                tenure,
                promise,
                failedAction,
                retryMillis,
                hang,
                withdrawal,
                watch,
                cascade,
                answer);
    }
}

package org.pgpod.haagent.model;

import java.util.Optional;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.pod.ProxyAnswer;

/**
 * What was last seen inside this pod.
 *
 * @param supervisor what the supervisor says of Postgres
 * @param volume what is on the volume
 * @param database what Postgres says of itself; unseen while it is down
 * @param control what the control file says; unseen unless Postgres has been down ever since it was read
 * @param proxy what wire-proxy last answered
 * @param token the token in force, written by this agent or left by an earlier run of it
 * @param settings the settings that were last written and, if Postgres ran, loaded
 * @param libraries the digest of installed extensions
 * @param storage what the supervisor's probe of the volume says
 * @param progress how far the clone or rewind under way has come
 * @param contact the new session that Postgres has not answered yet; empty once it did
 */
public record LocalFacts(
        Fact<SupervisorState> supervisor,
        Fact<VolumeState> volume,
        Fact<DatabaseFacts> database,
        Fact<ControlData> control,
        Fact<ProxyAnswer> proxy,
        Optional<LeaseToken> token,
        Optional<PostgresSettings> settings,
        Optional<String> libraries,
        Fact<StorageState> storage,
        Optional<ToolProgress> progress,
        Optional<Contact> contact) {

    /** Before anything was read. */
    public static final LocalFacts NONE = new LocalFacts(
            Fact.unseen("not read yet"),
            Fact.unseen("not read yet"),
            Fact.unseen("not read yet"),
            Fact.unseen("not read yet"),
            Fact.unseen("not read yet"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Fact.unseen("not read yet"),
            Optional.empty(),
            Optional.empty());

    /** The same with the outcome of one round of reading; the control file is forgotten once Postgres is not down. */
    public LocalFacts read(
            Fact<SupervisorState> nowSupervisor,
            Fact<VolumeState> nowVolume,
            Fact<DatabaseFacts> nowDatabase,
            Fact<ProxyAnswer> nowProxy,
            Optional<String> nowLibraries,
            Optional<ToolProgress> nowProgress) {
        boolean down = nowSupervisor.holds(state -> state.postgres() == SupervisorState.Postgres.DOWN);
        return new LocalFacts(
                nowSupervisor,
                nowVolume,
                nowDatabase,
                down ? control : Fact.unseen("Postgres is not down"),
                nowProxy,
                token,
                settings,
                nowLibraries,
                storage,
                nowProgress,
                contact);
    }

    public LocalFacts withControl(Fact<ControlData> next) {
        return new LocalFacts(
                supervisor, volume, database, next, proxy, token, settings, libraries, storage, progress, contact);
    }

    public LocalFacts withToken(LeaseToken next) {
        return new LocalFacts(
                supervisor,
                volume,
                database,
                control,
                proxy,
                Optional.of(next),
                settings,
                libraries,
                storage,
                progress,
                contact);
    }

    public LocalFacts withSettings(Optional<PostgresSettings> next) {
        return new LocalFacts(
                supervisor, volume, database, control, proxy, token, next, libraries, storage, progress, contact);
    }

    public LocalFacts withStorage(Fact<StorageState> next) {
        return new LocalFacts(
                supervisor, volume, database, control, proxy, token, settings, libraries, next, progress, contact);
    }

    public LocalFacts withContact(Optional<Contact> next) {
        return new LocalFacts(
                supervisor, volume, database, control, proxy, token, settings, libraries, storage, progress, next);
    }
}

package org.pgpod.haagent.model.port;

import java.util.List;
import java.util.Map;
import org.pgpod.haagent.model.DynamicConfiguration;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.ServerConfiguration;
import org.pgpod.haagent.model.Upstream;

/** The files in {@code run/conf} and the arguments of Postgres's tools. */
public interface ConfigurationPort {
    /**
     * Writes postgresql.conf, pg_hba.conf, pg_ident.conf and pgpass for {@code settings}, each atomically. It does not
     * reload Postgres.
     */
    Effect write(PostgresSettings settings, ServerConfiguration configuration);

    /** All parameters that people want of this server: the cluster's, this pod's own, and standards for the rest. */
    Map<String, String> wantedParameters(DynamicConfiguration configuration);

    /** The arguments of initdb; writes the superuser's password file that they name. */
    Reading<List<String>> initdbArguments();

    /** Removes what {@link #initdbArguments()} wrote. */
    Effect forgetInitdbSecrets();

    /** The arguments of pg_basebackup from {@code upstream}, without the target directory. */
    Reading<List<String>> cloneArguments(MemberName self, Upstream upstream);

    /** The arguments of pg_basebackup from another cluster, without the target directory. */
    Reading<List<String>> cloneArguments(MemberName self, RemotePrimary remote);

    /** The arguments of pg_rewind against {@code upstream}, without the target directory. */
    Reading<List<String>> rewindArguments(Upstream upstream);
}

package org.pgpod.wireproxy.testing;

import org.pgpod.core.testing.PostgresServer;

/** Prepares a server for a proxy that authenticates by itself, as ha-agent does. */
public final class VerifierSource {
    static final String ROLE = "pgpod_proxy";

    /** Not ASCII, so that both sides must prepare it alike. */
    static final String PASSWORD = "proxy ﬁ\u00a0pass";

    private VerifierSource() {}

    /** The role, its function, and SCRAM for everybody on the Unix socket. */
    public static void prepare(PostgresServer postgres) {
        postgres.execute(
                "set password_encryption = 'scram-sha-256'; create role " + ROLE + " login password '" + PASSWORD
                        + "'; create schema pgpod; grant usage on schema pgpod to " + ROLE + "; "
                        + """
                create function pgpod.scram_verifier(role text) returns text
                  language sql stable strict security definer set search_path = pg_catalog
                  as $$
                    select case
                             when rolpassword operator(pg_catalog.~~) 'SCRAM-SHA-256$%' then rolpassword
                             when rolpassword is not null then 'other'
                           end
                      from pg_catalog.pg_authid
                     where rolname operator(pg_catalog.=) role::pg_catalog.name $$;
                revoke all on function pgpod.scram_verifier(text) from public;
                grant execute on function pgpod.scram_verifier(text) to pgpod_proxy""");
        postgres.hba("""
                local all all scram-sha-256
                local replication all scram-sha-256
                host all postgres 127.0.0.1/32 trust
                host all all 127.0.0.1/32 scram-sha-256
                """);
        postgres.reload();
    }
}

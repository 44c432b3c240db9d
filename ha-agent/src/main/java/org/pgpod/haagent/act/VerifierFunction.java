package org.pgpod.haagent.act;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Keeps the function by which wire-proxy looks up what Postgres stores of a password: {@code pgpod.scram_verifier(role)} in
 * the database of the agents. It runs as the superuser, may be executed by {@code pgpod_proxy} alone, and gives out nothing
 * but SCRAM verifiers: NULL for a role without a password, {@code other} for one whose password has another form. Schema and
 * function belong to the superuser, or are taken away from whoever has them and made anew.
 */
final class VerifierFunction {
    /** Names what is meant in full, operators too: it must not depend on anybody's search_path. */
    private static final String BODY = """
            select case
                     when rolpassword operator(pg_catalog.~~) 'SCRAM-SHA-256$%' then rolpassword
                     when rolpassword is not null then 'other'
                   end
              from pg_catalog.pg_authid
             where rolname operator(pg_catalog.=) role::pg_catalog.name""";

    private static final String IS_AS_IT_SHOULD_BE = """
            select exists (
                select from pg_proc
                  join pg_namespace on pg_namespace.oid = pronamespace
                  join pg_roles owner on owner.rolname = current_user
                 where nspname = 'pgpod' and nspowner = owner.oid
                   and has_schema_privilege('pgpod_proxy', pg_namespace.oid, 'usage')
                   and not exists (select from aclexplode(nspacl)
                                    where privilege_type = 'CREATE' and grantee <> nspowner)
                   and proname = 'scram_verifier' and proargtypes::text = 'text'::regtype::oid::text
                   and proowner = owner.oid and prosecdef and prosrc = $body$%s$body$
                   and proconfig = array['search_path=pg_catalog']
                   and has_function_privilege('pgpod_proxy', pg_proc.oid, 'execute')
                   and not exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner)))
                                    where grantee not in (proowner, 'pgpod_proxy'::regrole))
            )""".formatted(BODY);

    private static final String MAKE = """
            create schema if not exists pgpod;
            alter schema pgpod owner to current_user;
            do $do$
            declare acl record;
            begin
              for acl in select distinct grantee from pg_namespace, aclexplode(nspacl)
                          where nspname = 'pgpod' and grantee <> nspowner loop
                execute case when acl.grantee = 0 then 'revoke all on schema pgpod from public'
                             else 'revoke all on schema pgpod from ' || acl.grantee::regrole end;
              end loop;
            end
            $do$;
            drop function if exists pgpod.scram_verifier(text);
            create function pgpod.scram_verifier(role text) returns text
              language sql stable strict security definer set search_path = pg_catalog
              as $body$%s$body$;
            revoke all on function pgpod.scram_verifier(text) from public;
            grant usage on schema pgpod to pgpod_proxy;
            grant execute on function pgpod.scram_verifier(text) to pgpod_proxy""".formatted(BODY);

    private VerifierFunction() {}

    /** Whether anything had to be changed. The role {@code pgpod_proxy} exists, and this is a superuser's session. */
    static boolean ensure(Statement superuser) throws SQLException {
        // Whoever may create functions could otherwise slip one in among those named here.
        superuser.execute("set local search_path = pg_catalog, pg_temp");
        try (ResultSet row = superuser.executeQuery(IS_AS_IT_SHOULD_BE)) {
            row.next();
            if (row.getBoolean(1)) {
                return false;
            }
        }
        superuser.execute(MAKE);
        return true;
    }
}

package org.pgpod.wireproxy.auth;

/** What Postgres knows of a role's password. */
public sealed interface StoredPassword {
    /** One that SCRAM-SHA-256 can prove. */
    record Scram(ScramVerifier verifier) implements StoredPassword {}

    /** There is no such role, or it has no password: the two are never told apart. */
    record None() implements StoredPassword {}

    /** One in another form: MD5, or a verifier that this proxy cannot read. */
    record OtherForm() implements StoredPassword {}

    /** It could not be asked; the reason is for the log. */
    record Unknown(String reason) implements StoredPassword {}
}

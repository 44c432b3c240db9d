package org.pgpod.wireproxy.auth;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * The question for a role's verifier, as messages of the extended protocol: the role's name is a parameter, never a part
 * of the statement. ha-agent makes the function, which answers NULL for a role without a password and {@code other} for
 * one whose password has another form.
 */
public final class VerifierQuery {
    private static final String STATEMENT = "verifier";
    private static final String SQL = "select pgpod.scram_verifier($1)";

    private VerifierQuery() {}

    /** Prepares the statement; sent once on a connection, ahead of the first question. */
    public static ByteBuf parse(ByteBufAllocator allocator) {
        ByteBuf buffer = allocator.buffer(128);
        int start = begin(buffer, 'P');
        text(buffer, STATEMENT);
        text(buffer, SQL);
        buffer.writeShort(0);
        return end(buffer, start);
    }

    /** Asks for one role; answered by one ReadyForQuery. */
    public static ByteBuf ask(ByteBufAllocator allocator, String role) {
        ByteBuf buffer = allocator.buffer(128);
        byte[] name = role.getBytes(StandardCharsets.UTF_8);
        int bind = begin(buffer, 'B');
        text(buffer, "");
        text(buffer, STATEMENT);
        // One parameter, a text; the result is a text, too.
        buffer.writeShort(0)
                .writeShort(1)
                .writeInt(name.length)
                .writeBytes(name)
                .writeShort(0);
        end(buffer, bind);
        int execute = begin(buffer, 'E');
        text(buffer, "");
        end(buffer.writeInt(0), execute);
        return end(buffer, begin(buffer, 'S'));
    }

    /** Reads the body of the one DataRow. */
    public static StoredPassword row(ByteBuf body) {
        if (body.readableBytes() < Short.BYTES + Integer.BYTES || body.readShort() != 1) {
            return new StoredPassword.Unknown("Postgres sent a malformed row");
        }
        int length = body.readInt();
        if (length == -1) {
            return new StoredPassword.None();
        }
        if (length < 0 || length != body.readableBytes()) {
            return new StoredPassword.Unknown("Postgres sent a malformed row");
        }
        return ScramVerifier.parse(body.readCharSequence(length, StandardCharsets.ISO_8859_1)
                        .toString())
                .<StoredPassword>map(StoredPassword.Scram::new)
                .orElse(new StoredPassword.OtherForm());
    }

    private static int begin(ByteBuf buffer, char type) {
        int start = buffer.writerIndex();
        buffer.writeByte(type).writeInt(0);
        return start;
    }

    private static void text(ByteBuf buffer, String text) {
        buffer.writeCharSequence(text, StandardCharsets.UTF_8);
        buffer.writeByte(0);
    }

    private static ByteBuf end(ByteBuf buffer, int start) {
        return buffer.setInt(start + 1, buffer.writerIndex() - start - 1);
    }
}

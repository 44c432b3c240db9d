package org.pgpod.wireproxy.auth;

import org.pgpod.wireproxy.protocol.FatalError;

/** Reads the attributes of one SCRAM message in their order; what it finds wrong it says in Postgres's words. */
final class ScramReader {
    /** A message that is not what RFC 5802 allows at this place. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;
        private final transient FatalError error;

        MalformedException(FatalError error) {
            super(error.message() + ": " + error.detail());
            this.error = error;
        }

        FatalError error() {
            return error;
        }
    }

    private static final char END = '\0';

    private final String text;
    private int at;

    ScramReader(String text) {
        this.text = text;
    }

    /** The next character; a zero byte at the end. */
    char peek() {
        return at < text.length() ? text.charAt(at) : END;
    }

    void skip() {
        at++;
    }

    /** Where the next character stands. */
    int position() {
        return at;
    }

    boolean atEnd() {
        return at >= text.length();
    }

    void comma() throws MalformedException {
        if (peek() != ',') {
            throw malformed("Comma expected, but found character \"" + shown(peek()) + "\".");
        }
        skip();
    }

    /** The value of the attribute that must stand here, and the comma behind it, if there is one. */
    String value(char attribute) throws MalformedException {
        if (peek() != attribute) {
            throw malformed("Expected attribute \"" + attribute + "\" but found \"" + shown(peek()) + "\".");
        }
        skip();
        return valueOf(attribute);
    }

    /** The attribute that stands here, whichever it is, is passed over; its letter is returned. */
    char anyAttribute() throws MalformedException {
        char attribute = peek();
        if (attribute == END) {
            throw malformed("Attribute expected, but found end of string.");
        }
        if (!((attribute >= 'A' && attribute <= 'Z') || (attribute >= 'a' && attribute <= 'z'))) {
            throw malformed("Attribute expected, but found invalid character \"" + shown(attribute) + "\".");
        }
        skip();
        return attribute;
    }

    String valueOf(char attribute) throws MalformedException {
        if (peek() != '=') {
            throw malformed("Expected character \"=\" for attribute \"" + attribute + "\".");
        }
        skip();
        int comma = text.indexOf(',', at);
        String value = text.substring(at, comma < 0 ? text.length() : comma);
        at = comma < 0 ? text.length() : comma + 1;
        return value;
    }

    static MalformedException malformed(String detail) {
        return new MalformedException(violation("malformed SCRAM message", detail));
    }

    static FatalError violation(String message, String detail) {
        return new FatalError("08P01", message, detail, "");
    }

    /** How Postgres shows a character that may not be printable. */
    static String shown(char character) {
        return character >= 0x21 && character <= 0x7e
                ? "'" + character + "'"
                : String.format("0x%02x", (int) character);
    }
}

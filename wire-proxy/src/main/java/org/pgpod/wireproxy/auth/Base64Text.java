package org.pgpod.wireproxy.auth;

import java.util.Base64;

/** Base64 whose malformed forms are no bytes at all, a length that nothing here expects. */
final class Base64Text {
    private Base64Text() {}

    static byte[] decode(String text) {
        try {
            return text.length() % 4 == 0 ? Base64.getDecoder().decode(text) : new byte[0];
        } catch (IllegalArgumentException malformed) {
            return new byte[0];
        }
    }
}

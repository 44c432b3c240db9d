package org.pgpod.logshipper.parse;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Checks UTF-8 strictly: no overlong forms, no surrogates, nothing above U+10FFFF, as Postgres does. */
public final class Utf8 {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final int SEQUENCE_BYTES_MAX = 4;

    private Utf8() {}

    /** Whether the bytes from {@code from} to {@code to} are UTF-8. */
    public static boolean valid(byte[] bytes, int from, int to) {
        return validLength(bytes, from, to) == to - from;
    }

    /** Whether the bytes are UTF-8 that Postgres can hold in a text: without NUL. */
    public static boolean validText(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == 0) {
                return false;
            }
        }
        return valid(bytes, from, to);
    }

    /** The end that does not stand inside a character: {@code to}, or up to three bytes before it. */
    public static int wholeCharacters(byte[] bytes, int from, int to) {
        int least = Math.max(from, to - SEQUENCE_BYTES_MAX + 1);
        for (int start = to - 1; start >= least; start--) {
            if ((bytes[start] & 0xc0) != 0x80) {
                return bytes[start] < 0 && sequence(bytes, start, to) == 0 ? start : to;
            }
        }
        return to;
    }

    private static int validLength(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (to - at >= Long.BYTES && ((long) LONGS.get(bytes, at) & HIGH_BITS) == 0) {
                at += Long.BYTES;
            } else if (bytes[at] >= 0) {
                at++;
            } else {
                int length = sequence(bytes, at, to);
                if (length == 0) {
                    break;
                }
                at += length;
            }
        }
        return at - from;
    }

    /** The length of the sequence of more than one byte that begins here; 0 when it is not one. */
    private static int sequence(byte[] bytes, int at, int to) {
        int first = bytes[at] & 0xff;
        int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if (first < 0xc2 || first > 0xf4 || to - at < length) {
            return 0;
        }
        int second = bytes[at + 1] & 0xff;
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }
}

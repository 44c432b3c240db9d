package org.pgpod.exporter.expose;

/**
 * The CRC-32 of two stretches of bytes from those of each. A CRC is a remainder of polynomials over GF(2): behind it, each
 * byte of the second stretch multiplies the first one's by x^8. Polynomials have their lowest power in the highest bit, as in
 * RFC 1952.
 */
final class Crc32Sum {
    private static final int POLYNOMIAL = 0xEDB8_8320;
    private static final int ONE = 0x8000_0000;
    private static final int X_TO_THE_8 = ONE >>> 8;

    private Crc32Sum() {}

    static int of(int first, int second, long secondLength) {
        return product(first, shift(secondLength)) ^ second;
    }

    /** x to the power of eight times a number of bytes. */
    private static int shift(long bytes) {
        int power = ONE;
        int square = X_TO_THE_8;
        for (long rest = bytes; rest > 0; rest >>= 1) {
            if ((rest & 1) != 0) {
                power = product(power, square);
            }
            square = product(square, square);
        }
        return power;
    }

    private static int product(int one, int other) {
        int product = 0;
        int shifted = other;
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            if ((one & bit) != 0) {
                product ^= shifted;
            }
            shifted = (shifted & 1) == 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL;
        }
        return product;
    }
}

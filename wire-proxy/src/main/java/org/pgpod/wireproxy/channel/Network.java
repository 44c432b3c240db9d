package org.pgpod.wireproxy.channel;

import java.net.InetAddress;

/**
 * A range of addresses, such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}; an address alone is a range of one.
 *
 * @param address any address of the range
 * @param prefixBits how many leading bits its addresses share
 */
public record Network(InetAddress address, int prefixBits) {
    public Network {
        int bits = address.getAddress().length * Byte.SIZE;
        if (prefixBits < 0 || prefixBits > bits) {
            throw new IllegalArgumentException(
                    "a prefix of " + address.getHostAddress() + " has 0 to " + bits + " bits");
        }
    }

    /** Reads one; names are not looked up. */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int bits = slash < 0 ? address.getAddress().length * Byte.SIZE : Integer.parseInt(text.substring(slash + 1));
        return new Network(address, bits);
    }

    public boolean contains(InetAddress other) {
        byte[] own = address.getAddress();
        byte[] others = other.getAddress();
        if (own.length != others.length) {
            return false;
        }
        for (int bit = 0; bit < prefixBits; bit++) {
            int shift = Byte.SIZE - 1 - bit % Byte.SIZE;
            if (((own[bit / Byte.SIZE] ^ others[bit / Byte.SIZE]) >> shift & 1) != 0) {
                return false;
            }
        }
        return true;
    }
}

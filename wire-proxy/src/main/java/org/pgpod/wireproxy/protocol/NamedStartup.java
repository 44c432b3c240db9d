package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A StartupMessage whose {@code application_name} also says where the client comes from. */
public final class NamedStartup {
    private static final byte[] NAME = "application_name".getBytes(StandardCharsets.US_ASCII);
    /** Postgres cuts the name there; the address, which stands last, must not be what is lost. */
    private static final int VALUE_BYTES_MAX = 63;

    private static final byte END = 0;

    private NamedStartup() {}

    /**
     * The message with {@code application_name} followed by {@code " - "} and the client. Takes over the packet, which
     * {@link FirstPacket} has found to be right; one that would become too long is returned as it is.
     */
    public static ByteBuf of(ByteBuf packet, String client, ByteBufAllocator allocator) {
        byte[] given = {};
        ByteBuf named = allocator.buffer(packet.readableBytes() + NAME.length + VALUE_BYTES_MAX);
        int end = packet.writerIndex() - 1;
        int at = packet.readerIndex() + FirstPacket.LENGTH_MIN;
        named.writeBytes(packet, packet.readerIndex(), FirstPacket.LENGTH_MIN);
        while (at < end) {
            int value = packet.indexOf(at, end, END) + 1;
            int next = packet.indexOf(value, end, END) + 1;
            if (isName(packet, at, value - 1 - at)) {
                given = new byte[next - 1 - value];
                packet.getBytes(value, given);
            } else {
                named.writeBytes(packet, at, next - at);
            }
            at = next;
        }
        named.writeBytes(NAME).writeByte(END);
        named.writeBytes(value(given, client)).writeByte(END).writeByte(END);
        named.setInt(0, named.readableBytes());
        boolean fits = named.readableBytes() <= FirstPacket.LENGTH_MAX;
        (fits ? packet : named).release();
        return fits ? named : packet;
    }

    private static boolean isName(ByteBuf packet, int at, int length) {
        byte[] name = new byte[length];
        packet.getBytes(at, name);
        return Arrays.equals(name, NAME);
    }

    private static byte[] value(byte[] given, String client) {
        String suffix = given.length == 0 ? client : " - " + client;
        byte[] address = suffix.getBytes(StandardCharsets.US_ASCII);
        int room = Math.max(0, Math.min(given.length, VALUE_BYTES_MAX - address.length));
        byte[] value = Arrays.copyOf(given, room + address.length);
        System.arraycopy(address, 0, value, room, address.length);
        return value;
    }
}

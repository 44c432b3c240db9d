package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a startup packet says, for a proxy that answers it itself.
 *
 * @param version major version in the upper, minor version in the lower 16 bits
 * @param values the parameters; of one that is repeated the last value, as Postgres does
 */
public record StartupParameters(int version, Map<String, String> values) {
    /** What is spoken with clients whose server connections are shared. */
    public static final int VERSION_SPOKEN = FirstPacket.Codes.PROTOCOL_MAJOR << 16;

    private static final String PROTOCOL_OPTION = "_pq_.";

    /** Reads a packet that {@link FirstPacket} has found to be well-formed. */
    public static StartupParameters read(ByteBuf packet) {
        int at = packet.readerIndex();
        int version = packet.getInt(at + Integer.BYTES);
        Map<String, String> values = new LinkedHashMap<>();
        int name = at + FirstPacket.LENGTH_MIN;
        while (packet.getByte(name) != 0) {
            int nameEnd = packet.indexOf(name, packet.writerIndex(), (byte) 0);
            if (nameEnd < 0) {
                // In place of the terminator stands another byte: Postgres does not mind.
                break;
            }
            int valueEnd = packet.indexOf(nameEnd + 1, packet.writerIndex(), (byte) 0);
            values.put(text(packet, name, nameEnd), text(packet, nameEnd + 1, valueEnd));
            name = valueEnd + 1;
        }
        return new StartupParameters(version, values);
    }

    private static String text(ByteBuf packet, int from, int to) {
        return packet.toString(from, to - from, StandardCharsets.UTF_8);
    }

    /** Options of the protocol, of which none is known. */
    public List<String> protocolOptions() {
        return values.keySet().stream()
                .filter(name -> name.startsWith(PROTOCOL_OPTION))
                .toList();
    }

    /** Whether the client must be told that it asked for more than is spoken. */
    public boolean needsNegotiation() {
        return version != VERSION_SPOKEN || !protocolOptions().isEmpty();
    }
}

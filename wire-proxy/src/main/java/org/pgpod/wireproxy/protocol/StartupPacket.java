package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A startup packet of protocol 3.0 that the proxy sends for itself. */
public final class StartupPacket {
    private static final int VERSION_3_0 = FirstPacket.Codes.PROTOCOL_MAJOR << 16;

    private StartupPacket() {}

    /** With these parameters, {@code user} among them; no name and no value holds a zero byte. */
    public static ByteBuf encode(ByteBufAllocator allocator, Map<String, String> parameters) {
        ByteBuf buffer = allocator.buffer(256).writeInt(0).writeInt(VERSION_3_0);
        parameters.forEach((name, value) -> {
            if (name.isEmpty() || name.indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("a startup parameter cannot be sent: " + name);
            }
            buffer.writeCharSequence(name, StandardCharsets.UTF_8);
            buffer.writeByte(0);
            buffer.writeCharSequence(value, StandardCharsets.UTF_8);
            buffer.writeByte(0);
        });
        buffer.writeByte(0);
        return buffer.setInt(0, buffer.readableBytes());
    }
}

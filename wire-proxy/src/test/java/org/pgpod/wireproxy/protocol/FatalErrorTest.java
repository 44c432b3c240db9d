package org.pgpod.wireproxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FatalErrorTest {
    private static byte[] encode(FatalError error) {
        ByteBuf encoded = error.encode(UnpooledByteBufAllocator.DEFAULT);
        byte[] bytes = ByteBufUtil.getBytes(encoded);
        encoded.release();
        return bytes;
    }

    @Test
    void theBytesAreThoseOfAnErrorResponse() {
        String fields = "SFATAL\0VFATAL\0C57P03\0Mno\0Dbecause\0Hwait\0\0";
        byte[] body = fields.getBytes(StandardCharsets.UTF_8);
        byte[] expected = new byte[body.length + 5];
        expected[0] = 'E';
        expected[4] = (byte) (body.length + 4);
        System.arraycopy(body, 0, expected, 5, body.length);
        assertThat(encode(new FatalError("57P03", "no", "because", "wait"))).isEqualTo(expected);
    }

    @Test
    void whatIsNotSaidHasNoField() {
        assertThat(new String(encode(new FatalError("53300", "no", "", "")), StandardCharsets.UTF_8))
                .endsWith("C53300\0Mno\0\0");
    }

    @Test
    void anSqlStateHasFiveCharacters() {
        assertThatThrownBy(() -> new FatalError("5330", "no", "", "")).isInstanceOf(IllegalArgumentException.class);
    }
}

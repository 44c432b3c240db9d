package org.pgpod.wireproxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnresolvedCommitTest {
    private static ByteBuf notice(String fields) {
        byte[] body = fields.getBytes(StandardCharsets.ISO_8859_1);
        return Unpooled.buffer().writeByte('N').writeInt(4 + body.length).writeBytes(body);
    }

    /** The fields of the error, a character for each byte, with the length checked. */
    private static String fields(ByteBuf notice) {
        ByteBuf error = UnresolvedCommit.error(notice, UnpooledByteBufAllocator.DEFAULT);
        assertThat(error.getByte(0)).isEqualTo((byte) 'E');
        assertThat(error.getInt(1)).isEqualTo(error.readableBytes() - 1);
        String fields = error.toString(5, error.readableBytes() - 5, StandardCharsets.ISO_8859_1);
        error.release();
        return fields;
    }

    @Test
    void theNoticeBecomesTheDetailByteByByte() {
        // No UTF-8: the client may have asked for any encoding.
        ByteBuf notice = notice("SWARNING\0C01000\0Mabgebrochen: \u00e4\0Dlokal \u00fc\0RSyncRepWaitForLSN\0\0");
        assertThat(fields(notice))
                .startsWith("SFATAL\0VFATAL\0C08007\0Mthe transaction was committed on this server")
                .contains("\0Dabgebrochen: \u00e4: lokal \u00fc\0H")
                .endsWith("\0\0");
        assertThat(UnresolvedCommit.text(notice)).startsWith("abgebrochen");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0", "Donly a detail\0\0", "Mnot ended"})
    void aNoticeWithoutAMessageLeavesTheDetailOut(String fields) {
        assertThat(fields(notice(fields))).contains("\0C08007\0").doesNotContain("\0D");
    }

    @Test
    void aNoticeThatHasPassedLeavesTheDetailOut() {
        assertThat(fields(Unpooled.EMPTY_BUFFER)).contains("\0C08007\0").doesNotContain("\0D");
        assertThat(UnresolvedCommit.text(Unpooled.EMPTY_BUFFER)).isEmpty();
    }
}

package org.pgpod.wireproxy.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgpod.wireproxy.auth.LoginSecret;
import org.pgpod.wireproxy.protocol.Authentication;

/** What the proxy takes from a server for its login, and what it gives away before it knows the server. */
class BackendAuthenticationTest {
    private final List<String> events = new ArrayList<>();
    private final EmbeddedChannel postgres = new EmbeddedChannel(new BackendAuthentication(
            Unpooled.copiedBuffer("startup", StandardCharsets.US_ASCII),
            new LoginSecret.Password("pencil"),
            new BackendAuthentication.Listener() {
                @Override
                public void decided(Channel channel) {
                    events.add("decided");
                }

                @Override
                public void failed(String reason) {
                    events.add(reason);
                }
            }));

    private static ByteBuf sasl() {
        return Authentication.sasl(UnpooledByteBufAllocator.DEFAULT, List.of("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"));
    }

    private static ByteBuf ok() {
        return Unpooled.copiedBuffer(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0});
    }

    private String passed() {
        StringBuilder passed = new StringBuilder();
        for (ByteBuf part = postgres.readInbound(); part != null; part = postgres.readInbound()) {
            passed.append(part.toString(StandardCharsets.ISO_8859_1));
            part.release();
        }
        return passed.toString();
    }

    @Test
    void aServerThatAdmitsInTheMiddleOfTheExchangeIsNotBelieved() {
        postgres.writeInbound(sasl(), ok());
        assertThat(events).containsExactly("Postgres admitted the role without proving that it knows it");
        assertThat(postgres.isOpen()).isFalse();
        assertThat(passed()).isEmpty();
    }

    @Test
    void aServerThatTrustsIsTakenAtItsWord() {
        postgres.writeInbound(ok());
        assertThat(events).containsExactly("decided");
        assertThat(passed()).isEqualTo("R\0\0\0\10\0\0\0\0");
        assertThat(postgres.pipeline().get(BackendAuthentication.class)).isNull();
    }

    @Test
    void anErrorAndWhatCameBeforeItPassWhole() {
        String notice = "N\0\0\0\7Sx\0";
        String error = "E\0\0\0\5\0";
        for (char c : (notice + error + "surplus").toCharArray()) {
            postgres.writeInbound(Unpooled.copiedBuffer(new byte[] {(byte) c}));
        }
        assertThat(events).containsExactly("decided");
        assertThat(passed()).isEqualTo(notice + error + "surplus");
        assertThat(postgres.isOpen()).isTrue();
    }

    @Test
    void endlessNoticesAreNotKept() {
        for (int i = 0; i < 3 && postgres.isOpen(); i++) {
            ByteBuf notice = Unpooled.buffer().writeByte('N').writeInt(29_004).writeZero(29_000);
            postgres.writeInbound(notice);
        }
        assertThat(events).containsExactly("Postgres sent too many notices before it had admitted the role");
    }

    @Test
    void aServerThatClosesIsReportedOnce() {
        postgres.writeInbound(sasl());
        Wire.close(postgres);
        assertThat(events).containsExactly("Postgres closed the connection during the login");
    }
}

package org.pgpod.wireproxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";
    private static final String VALUE = "traceparent='00-" + TRACE + "-" + SPAN + "-01'";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1 /*" + VALUE + "*/",
                "select 1 /* action='a%20b', " + VALUE + ",tracestate='x%3D1' */ ; \n",
                "/*" + VALUE + "*/ select 1",
                "  /*route='%2Fa'," + VALUE + "*/ select '/* no */'",
            })
    void aCommentAtEitherEndNamesTheParent(String sql) {
        assertThat(TraceParent.of(SqlText.of(sql))).contains(new TraceParent(TRACE, SPAN, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select '/*" + VALUE + "*/'",
                "select 1 /*" + VALUE + "*/ + 1",
                "select 1 -- " + VALUE,
                "select 1 /*traceparent='ff-" + TRACE + "-" + SPAN + "-01'*/",
                "select 1 /*traceparent='00-00000000000000000000000000000000-" + SPAN + "-01'*/",
                "select 1 /*traceparent='00-" + TRACE + "-0000000000000000-01'*/",
                "select 1 /*traceparent='00-" + TRACE + "-" + SPAN + "'*/",
                "select 1 /*xtraceparent='00-" + TRACE + "-" + SPAN + "-01'*/",
                "*/",
                "/*/",
                "/**/",
                ""
            })
    void nothingElseDoes(String sql) {
        assertThat(TraceParent.of(SqlText.of(sql))).isEmpty();
    }

    @Test
    void itIsFoundBehindALongText() {
        String sql = "insert into t values ('" + "x".repeat(100_000) + "') /*" + VALUE.replace("-01'", "-00'") + "*/";
        assertThat(TraceParent.of(SqlText.of(sql))).contains(new TraceParent(TRACE, SPAN, false));
    }
}

package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/decisions.md} lists every reason and action, from the code and its documentation. */
class DecisionReferenceTest {
    private static final Path ROOT = Path.of(System.getProperty("pgpod.root"));
    private static final Path PAGE = ROOT.resolve("docs/reference/decisions.md");
    private static final Path ACTIONS = ROOT.resolve("ha-agent/src/main/java/org/pgpod/haagent/decide/Action.java");
    private static final Pattern RECORD =
            Pattern.compile("/\\*\\*\\s+([^/]*?)\\s*\\*/\\s*(?:public )?record (\\w+)\\(", Pattern.DOTALL);

    @Test
    void thePageIsThatOfTheCode() throws IOException {
        String wanted = page();
        if (Boolean.getBoolean("pgpod.docs.write")) {
            Files.writeString(PAGE, wanted);
        }
        assertThat(PAGE)
                .as("docs/reference/decisions.md is generated: run the tests with -Dpgpod.docs.write=true")
                .hasContent(wanted);
    }

    private static String page() throws IOException {
        StringBuilder text = new StringBuilder("""
                # Reasons and actions of ha-agent

                Generated from the code. Every decision has one reason: it is the key `reason` of the log line `decide`, the `reason` of `GET /status` and of
                the member Lease, and, for the weighty ones, the reason of a Kubernetes Event in CamelCase. Reasons that begin with `BLOCKED_` mean that
                nothing more happens without help.

                ## Reasons

                | reason | meaning |
                |---|---|
                """);
        for (Reason.Code code : Reason.Code.values()) {
            text.append("| `")
                    .append(code)
                    .append("` | ")
                    .append(code.meaning())
                    .append(" |\n");
        }
        text.append("""

                ## Actions

                One is carried out at a time; only `Fence` overtakes.

                | action | what it does |
                |---|---|
                """);
        Matcher records = RECORD.matcher(Files.readString(ACTIONS));
        while (records.find()) {
            String meaning = records.group(1)
                    .replaceAll("\\s*\\n\\s*\\*\\s*", " ")
                    .replaceAll("\\{@code ([^}]*)}", "`$1`")
                    .strip();
            text.append("| `")
                    .append(records.group(2))
                    .append("` | ")
                    .append(meaning)
                    .append(" |\n");
        }
        return text.toString();
    }

    @Test
    void everyActionIsOnThePage() throws IOException {
        List<String> listed = page().lines()
                .filter(line -> line.startsWith("| `") && Character.isLowerCase(line.charAt(4)))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .toList();

        assertThat(new TreeSet<>(listed))
                .isEqualTo(new TreeSet<>(actions(Action.class).toList()));
    }

    private static Stream<String> actions(Class<?> sealed) {
        return Arrays.stream(sealed.getPermittedSubclasses())
                .flatMap(one -> one.isSealed() ? actions(one) : Stream.of(one.getSimpleName()));
    }
}

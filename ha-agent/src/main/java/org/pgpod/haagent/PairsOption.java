package org.pgpod.haagent;

import java.util.LinkedHashMap;
import java.util.Map;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;

/** Options that are a list of {@code name=value}, one a line, in the order given; empty by default. */
final class PairsOption {
    private PairsOption() {}

    static Option<Map<String, String>> of(String key, String description) {
        Option<Map<String, String>> option =
                Options.of(key, "a list of name=value, one a line", description, PairsOption::parse);
        return option.withDefault("");
    }

    private static Map<String, String> parse(String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            if (line.isBlank()) {
                continue;
            }
            int equals = line.indexOf('=');
            if (equals < 1
                    || pairs.put(
                                    line.substring(0, equals).strip(),
                                    line.substring(equals + 1).strip())
                            != null) {
                throw new IllegalArgumentException("not name=value, or twice the same name");
            }
        }
        return pairs;
    }
}

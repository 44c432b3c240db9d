package org.pgpod.core.testing;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Measures methods in formatted source. The formatter fixes the layout, so that a method starts at an indented line that
 * ends with an opening brace after a parenthesis and ends at a closing brace of the same indentation.
 */
final class MethodLengths {
    private static final Pattern START = Pattern.compile(
            "^( {4}| {8})(?=\\S)(?!if|for|while|switch|try|catch|else|return|new )[^*/].*\\(.*(\\)|throws [\\w., ]+) \\{$");

    private MethodLengths() {}

    /** The first method with more lines than {@code most}, described for a person. */
    static Optional<String> longerThan(int most, List<String> lines) {
        for (int start = 0; start < lines.size(); start++) {
            var matcher = START.matcher(lines.get(start));
            if (!matcher.matches()) {
                continue;
            }
            String end = matcher.group(1) + "}";
            int line = start + 1;
            while (line < lines.size() && !lines.get(line).equals(end)) {
                line++;
            }
            if (line - start + 1 > most) {
                return Optional.of("the method at line " + (start + 1) + " has " + (line - start + 1) + " lines");
            }
        }
        return Optional.empty();
    }
}

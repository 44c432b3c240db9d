package org.pgpod.extensionloader.model;

import java.util.regex.Pattern;

/**
 * A Debian package version in the total order of Debian Policy §5.6.12.
 *
 * <p>Equality is that of the order: {@code 1.0} equals {@code 0:1.0-0}.
 */
public final class DebianVersion implements Comparable<DebianVersion> {
    private static final int LENGTH_MAX = 256;
    private static final Pattern EPOCH = Pattern.compile("[0-9]{1,9}");
    private static final Pattern UPSTREAM = Pattern.compile("[A-Za-z0-9.+~:-]+");
    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9.+~]*");

    private final String text;
    private final int epoch;
    private final String upstream;
    private final String revision;

    private DebianVersion(String text, int epoch, String upstream, String revision) {
        this.text = text;
        this.epoch = epoch;
        this.upstream = upstream;
        this.revision = revision;
    }

    /** Reads {@code [epoch:]upstream[-revision]}; anything else is an {@link IllegalArgumentException}. */
    public static DebianVersion parse(String text) {
        if (text.length() > LENGTH_MAX) {
            throw new IllegalArgumentException("version longer than " + LENGTH_MAX + " characters");
        }
        int colon = text.indexOf(':');
        String epoch = colon < 0 ? "0" : text.substring(0, colon);
        String rest = text.substring(colon + 1);
        int dash = rest.lastIndexOf('-');
        String upstream = dash < 0 ? rest : rest.substring(0, dash);
        String revision = dash < 0 ? "" : rest.substring(dash + 1);
        if (!EPOCH.matcher(epoch).matches()
                || !UPSTREAM.matcher(upstream).matches()
                || !REVISION.matcher(revision).matches()) {
            throw new IllegalArgumentException("not a Debian version: '" + text + "'");
        }
        return new DebianVersion(text, Integer.parseInt(epoch), upstream, revision);
    }

    /**
     * Whether a person who asks for {@code requested} means this version: the whole text, the upstream version, or a
     * leading part of it that ends at a separator ({@code 3.3} and {@code 3.3.2} both mean {@code 3.3.2+dfsg-1}).
     */
    public boolean satisfiesRequest(String requested) {
        if (text.equals(requested) || upstream.equals(requested)) {
            return true;
        }
        return upstream.startsWith(requested) && ".+~-".indexOf(upstream.charAt(requested.length())) >= 0;
    }

    @Override
    public int compareTo(DebianVersion other) {
        int byEpoch = Integer.compare(epoch, other.epoch);
        if (byEpoch != 0) {
            return byEpoch;
        }
        int byUpstream = comparePart(upstream, other.upstream);
        return byUpstream != 0 ? byUpstream : comparePart(revision, other.revision);
    }

    /** Alternates between a non-digit run in Debian's alphabet and a digit run as a number, until they differ. */
    private static int comparePart(String left, String right) {
        int i = 0;
        int j = 0;
        while (i < left.length() || j < right.length()) {
            while (nonDigitAt(left, i) || nonDigitAt(right, j)) {
                int order = Integer.compare(weight(left, i), weight(right, j));
                if (order != 0) {
                    return order;
                }
                i++;
                j++;
            }
            int leftEnd = endOfDigits(left, i);
            int rightEnd = endOfDigits(right, j);
            int order = compareNumbers(left.substring(i, leftEnd), right.substring(j, rightEnd));
            if (order != 0) {
                return order;
            }
            i = leftEnd;
            j = rightEnd;
        }
        return 0;
    }

    private static boolean nonDigitAt(String text, int index) {
        return index < text.length() && !isDigit(text.charAt(index));
    }

    /** A tilde sorts before the end of the part, letters before everything else; a digit counts as the end. */
    private static int weight(String text, int index) {
        if (index >= text.length() || isDigit(text.charAt(index))) {
            return 0;
        }
        char c = text.charAt(index);
        if (c == '~') {
            return -1;
        }
        boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return letter ? c : c + 256;
    }

    private static int endOfDigits(String text, int from) {
        int end = from;
        while (end < text.length() && isDigit(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Compares by value without parsing, since a run of digits may be longer than any number type. */
    private static int compareNumbers(String left, String right) {
        String a = withoutLeadingZeros(left);
        String b = withoutLeadingZeros(right);
        int byLength = Integer.compare(a.length(), b.length());
        return byLength != 0 ? byLength : a.compareTo(b);
    }

    private static String withoutLeadingZeros(String digits) {
        int start = 0;
        while (start < digits.length() && digits.charAt(start) == '0') {
            start++;
        }
        return digits.substring(start);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DebianVersion version && compareTo(version) == 0;
    }

    @Override
    public int hashCode() {
        // Equal versions may be written differently (1.0, 1.00), so only what they surely share may count.
        return epoch;
    }

    @Override
    public String toString() {
        return text;
    }
}

package org.pgpod.haagent.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where the recovery of a restored copy ends, in Postgres's parameters (manual, 20.5.5 Recovery Target). */
public final class RecoveryTarget {
    /** What {@link #parse} takes, for people. */
    public static final String ALLOWED = "one of time=YYYY-MM-DD HH:MM:SS+ZZ (with a zone), name=NAME, lsn=X/X, xid=N,"
            + " immediate, or empty for the end of the archived WAL";

    private static final String IMMEDIATE = "immediate";
    private static final String TIME =
            "\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?(Z|[+-]\\d{2}(:?\\d{2})?)";
    private static final Map<String, Pattern> FORMS = Map.of(
            "time", Pattern.compile(TIME),
            "name", Pattern.compile("[^\\p{Cntrl}]{1,63}"),
            "lsn", Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}"),
            "xid", Pattern.compile("\\d{1,20}"));
    private static final String TIMELINE = "latest|current|[1-9]\\d{0,8}";

    private RecoveryTarget() {}

    /** The one parameter that names the target; none for the end of the WAL. */
    public static Map<String, String> parse(String text) {
        String target = text.strip();
        if (target.isEmpty()) {
            return Map.of();
        }
        if (target.equals(IMMEDIATE)) {
            return Map.of("recovery_target", IMMEDIATE);
        }
        int equals = target.indexOf('=');
        String kind = target.substring(0, Math.max(0, equals));
        String value = target.substring(equals + 1);
        if (!FORMS.containsKey(kind) || !FORMS.get(kind).matcher(value).matches()) {
            throw new IllegalArgumentException("no target of a recovery");
        }
        return Map.of("recovery_target_" + kind, value);
    }

    /** The timeline to recover along, as Postgres takes it. */
    public static String timeline(String text) {
        if (!text.matches(TIMELINE)) {
            throw new IllegalArgumentException("no timeline");
        }
        return text;
    }

    /** All parameters of a recovery that ends in a promotion. */
    public static Map<String, String> parameters(
            Map<String, String> target, boolean inclusive, String timeline, Optional<String> walCommand) {
        Map<String, String> parameters = new LinkedHashMap<>(target);
        parameters.put("recovery_target_inclusive", inclusive ? "on" : "off");
        parameters.put("recovery_target_timeline", timeline);
        parameters.put("recovery_target_action", "promote");
        parameters.put("restore_command", walCommand.orElse(""));
        return parameters;
    }
}

package org.pgpod.haagent.model;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Who must confirm a commit before the client hears of it: {@code synchronous_standby_names} in its quorum form.
 *
 * @param required how many of {@code members} a commit waits for; 0 for none at all. More than there are members make every
 *     commit wait
 * @param members in the order of their names
 */
public record SynchronousSet(int required, List<MemberName> members) {
    /** Commits wait for nobody. */
    public static final SynchronousSet NONE = new SynchronousSet(0, List.of());

    /** Stands where a commit must wait and nobody may confirm it; no walsender of pgpod bears this name. */
    private static final String NOBODY = "pgpod_nobody";

    public SynchronousSet {
        members = members.stream()
                .distinct()
                .sorted(Comparator.comparing(MemberName::toString))
                .toList();
        if (required < 0 || (required == 0 && !members.isEmpty())) {
            throw new IllegalArgumentException("a commit cannot wait for " + required + " of " + members);
        }
    }

    /** The same requirement; without members that cannot add anything when nothing is required. */
    public static SynchronousSet of(int required, List<MemberName> members) {
        return required == 0 ? NONE : new SynchronousSet(required, members);
    }

    /** Whether commits wait at all. */
    public boolean waits() {
        return required > 0;
    }

    /** The value of {@code synchronous_standby_names}, the same text for equal sets. */
    public String text() {
        if (!waits()) {
            return "";
        }
        String names = members.isEmpty()
                ? quoted(NOBODY)
                : members.stream()
                        .map(member -> quoted(member.applicationName()))
                        .collect(Collectors.joining(", "));
        return "ANY " + required + " (" + names + ")";
    }

    private static String quoted(String name) {
        return '"' + name + '"';
    }
}

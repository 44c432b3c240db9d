package org.pgpod.extensionloader.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What ha-agent says about who can load what.
 *
 * @param role this pod's role
 * @param members every member of the cluster
 */
public record ClusterLibraries(String role, List<Member> members) {

    /** A member, and the digest of what it can load if it said so. */
    public record Member(String name, Optional<String> libraries) {}

    public ClusterLibraries {
        members = List.copyOf(members);
    }

    public boolean onPrimary() {
        return role.equals("primary");
    }

    /**
     * Why an extension must not be created yet: a member whose libraries differ from {@code own} would fail, or lose its
     * replication, as soon as the extension is used there. Empty if every member has the same.
     */
    public Optional<String> objection(Sha256 own) {
        if (members.isEmpty()) {
            return Optional.of("ha-agent knows no member yet");
        }
        List<String> lacking = new ArrayList<>();
        for (Member member : members) {
            if (!member.libraries().equals(Optional.of(own.toString()))) {
                lacking.add(member.name());
            }
        }
        return lacking.isEmpty()
                ? Optional.empty()
                : Optional.of("not every member has the same libraries: " + String.join(", ", lacking));
    }
}

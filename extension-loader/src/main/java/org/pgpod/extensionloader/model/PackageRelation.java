package org.pgpod.extensionloader.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One package name with an optional version relation, as it stands in {@code Depends} or {@code Provides}. */
public record PackageRelation(String name, Optional<VersionConstraint> constraint) {
    private static final Pattern SYNTAX = Pattern.compile(
            "([A-Za-z0-9][A-Za-z0-9+.-]{0,127})(?::[a-z0-9-]+)?(?:\\s*\\(\\s*(<<|<=|=|>=|>>)\\s*([^\\s)]+)\\s*\\))?");

    /** Reads {@code name[:architecture] [(relation version)]}. */
    public static PackageRelation parse(String text) {
        Matcher matcher = SYNTAX.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a package relation: '" + text + "'");
        }
        Optional<VersionConstraint> constraint = Optional.ofNullable(matcher.group(2))
                .map(symbol -> new VersionConstraint(
                        VersionConstraint.Operator.parse(symbol), DebianVersion.parse(matcher.group(3))));
        return new PackageRelation(matcher.group(1), constraint);
    }

    /** Whether a real package of this name in {@code version} satisfies the relation. */
    public boolean satisfiedBy(DebianVersion version) {
        return constraint.map(wanted -> wanted.allows(version)).orElse(true);
    }

    /** Whether a provided name satisfies the relation: a versioned relation needs a versioned provision (Policy §7.5). */
    public boolean satisfiedByProvision(PackageRelation provision) {
        if (!provision.name().equals(name)) {
            return false;
        }
        return constraint
                .map(wanted -> provision
                        .constraint()
                        .map(given -> wanted.allows(given.version()))
                        .orElse(false))
                .orElse(true);
    }

    @Override
    public String toString() {
        return name + constraint.map(c -> " (" + c + ")").orElse("");
    }
}

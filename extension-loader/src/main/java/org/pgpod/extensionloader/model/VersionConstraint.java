package org.pgpod.extensionloader.model;

/** A version relation of a dependency, such as {@code >= 1.2}. */
public record VersionConstraint(Operator operator, DebianVersion version) {

    /** The five relations of Debian Policy §7.1. */
    public enum Operator {
        EARLIER("<<"),
        EARLIER_OR_EQUAL("<="),
        EQUAL("="),
        LATER_OR_EQUAL(">="),
        LATER(">>");

        private final String symbol;

        Operator(String symbol) {
            this.symbol = symbol;
        }

        static Operator parse(String symbol) {
            for (Operator operator : values()) {
                if (operator.symbol.equals(symbol)) {
                    return operator;
                }
            }
            throw new IllegalArgumentException("not a version relation: '" + symbol + "'");
        }
    }

    /** Whether {@code candidate} stands in this relation to the version. */
    public boolean allows(DebianVersion candidate) {
        int order = candidate.compareTo(version);
        return switch (operator) {
            case EARLIER -> order < 0;
            case EARLIER_OR_EQUAL -> order <= 0;
            case EQUAL -> order == 0;
            case LATER_OR_EQUAL -> order >= 0;
            case LATER -> order > 0;
        };
    }

    @Override
    public String toString() {
        return operator.symbol + " " + version;
    }
}

package org.pgpod.wireproxy.session;

/**
 * Whether a client must keep its server connection beyond its transaction, because it has left something there that only
 * it may find. Derived from texts and from the tags of completed commands; what a function leaves behind is not seen.
 */
public final class Attachment {
    /** What a completed command means for prepared statements. */
    public enum Consequence {
        NONE,
        /** It is unknown which of the statements of this server connection are left. */
        STATEMENTS_UNKNOWN,
        /** None is left. */
        NO_STATEMENTS
    }

    private final boolean always;
    private boolean pinned;

    /** A text was seen that makes settings of the transaction, or settings that Postgres reports. */
    private boolean tracksSettings;

    private Attachment(boolean always) {
        this.always = always;
        this.pinned = always;
    }

    /** One that lasts until the client leaves. */
    public static Attachment ofSession() {
        return new Attachment(true);
    }

    /** One that lasts as long as it must. */
    public static Attachment ofTransaction() {
        return new Attachment(false);
    }

    public boolean isPinned() {
        return pinned;
    }

    /** The client sends a statement with this effect. */
    public void affects(StatementEffect effect) {
        switch (effect) {
            case NONE -> {}
            case TRACKED_SETTING -> tracksSettings = true;
            case STATE -> pinned = true;
        }
    }

    /** A command with this tag is complete. */
    public Consequence completed(String tag) {
        if (always) {
            return Consequence.NONE;
        }
        switch (tag) {
            case "LISTEN", "PREPARE", "LOAD" -> pinned = true;
            case "SET" -> pinned |= !tracksSettings;
            case "DEALLOCATE" -> {
                return Consequence.STATEMENTS_UNKNOWN;
            }
            case "DEALLOCATE ALL" -> {
                return Consequence.NO_STATEMENTS;
            }
            case "DISCARD ALL" -> {
                pinned = false;
                return Consequence.NO_STATEMENTS;
            }
            default -> {}
        }
        return Consequence.NONE;
    }

    /** The server connection was given back. */
    public void ended() {
        tracksSettings = false;
    }
}

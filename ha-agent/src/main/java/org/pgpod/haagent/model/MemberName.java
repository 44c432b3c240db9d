package org.pgpod.haagent.model;

import java.util.regex.Pattern;

/**
 * A member in the sense of replication: a pod together with the data directory it has. The text form, used for voters,
 * is {@code <pod>/<data id>}.
 */
public record MemberName(String pod, DataId data) {
    private static final int NAME_LENGTH_MAX = 63;
    private static final Pattern APPLICATION_NAME = Pattern.compile(".+_[0-9a-f]{8}");

    public MemberName {
        if (pod.isEmpty() || pod.length() + data.text().length() + 1 > NAME_LENGTH_MAX) {
            throw new IllegalArgumentException("the pod name '" + pod + "' is empty or too long to name a walsender");
        }
    }

    /** Reads the text form; anything else is an {@link IllegalArgumentException}. */
    public static MemberName parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1) {
            throw new IllegalArgumentException("'" + text + "' is not a member such as demo-1/77aa01bc");
        }
        return new MemberName(text.substring(0, slash), new DataId(text.substring(slash + 1)));
    }

    /** Whether some member could bear this {@code application_name}. */
    public static boolean isApplicationName(String name) {
        return APPLICATION_NAME.matcher(name).matches();
    }

    /** Its {@code application_name} on the primary. */
    public String applicationName() {
        return pod + "_" + data;
    }

    /** Its physical replication slot on the primary; slots allow no hyphen. */
    public String slotName() {
        return applicationName().replace('-', '_');
    }

    @Override
    public String toString() {
        return pod + "/" + data;
    }
}

package org.pgpod.wireproxy.lease;

/** Which server a caller wants to reach. */
public enum Aim {
    /** The one of this pod, whatever its role. */
    THIS_SERVER,
    /** The primary, in whichever pod it is. */
    PRIMARY,
    /** The primary, and only if it is in this pod: another pod sent the caller here. */
    PRIMARY_HERE,
    /** A standby, in whichever pod there is one. */
    STANDBY,
    /** The one of this pod, and only while it is a standby: another pod sent the caller here. */
    STANDBY_HERE;

    boolean isOfPrimary() {
        return this == PRIMARY || this == PRIMARY_HERE;
    }

    /** What a caller wants that was told to wait: it waited for the primary, which may be in another pod by now. */
    public Aim afterWaiting() {
        return this == THIS_SERVER ? PRIMARY : this;
    }
}

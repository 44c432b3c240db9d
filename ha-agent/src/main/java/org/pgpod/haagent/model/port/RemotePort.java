package org.pgpod.haagent.model.port;

import java.time.Duration;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.RemoteSighting;

/** The server of another cluster. */
@FunctionalInterface
public interface RemotePort {
    /** For an agent that has nobody to ask. */
    RemotePort NONE = (remote, timeout) -> Reading.failed("nobody is asked");

    /** Asks it what it is and how far it has come; a failure of any kind is a value. */
    Reading<RemoteSighting> identify(RemotePrimary remote, Duration timeout);
}

package org.pgpod.wireproxy.telemetry;

import java.util.Optional;
import org.pgpod.wireproxy.protocol.CommandTag;
import org.pgpod.wireproxy.protocol.SqlText;

/**
 * A statement that has been answered.
 *
 * @param who whose it was
 * @param text what was sent, literals included; empty where it is not known
 * @param tag what it did; empty when it failed
 * @param sqlState how it failed, as {@link org.pgpod.wireproxy.protocol.SqlState#packed}
 * @param nanos from the client's message until the answer was complete
 */
public record FinishedStatement(Who who, Optional<SqlText> text, Optional<CommandTag> tag, long sqlState, long nanos) {}

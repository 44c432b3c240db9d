/** Asks ha-agent what the server is. */
@NullMarked
package org.pgpod.logshipper.agent;

import org.jspecify.annotations.NullMarked;

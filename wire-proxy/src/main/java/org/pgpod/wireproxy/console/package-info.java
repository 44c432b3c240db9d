/** What the admin database understands and shows, without sockets, clock or threads. */
@NullMarked
package org.pgpod.wireproxy.console;

import org.jspecify.annotations.NullMarked;

/** What is known of one conversation from the messages that passed: transaction boundaries, outcomes, counts. */
@NullMarked
package org.pgpod.wireproxy.session;

import org.jspecify.annotations.NullMarked;

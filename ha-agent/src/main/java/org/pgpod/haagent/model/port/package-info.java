/**
 * What the loop needs from the world, as interfaces. Every call may block up to the limit it is given, may be made from
 * any lane, and answers with a value: a failure is a case, an exception a bug.
 */
@NullMarked
package org.pgpod.haagent.model.port;

import org.jspecify.annotations.NullMarked;

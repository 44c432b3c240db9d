/** What tests of the agent share: a Kubernetes API and whole pods on this machine. */
@NullMarked
package org.pgpod.haagent.testing;

import org.jspecify.annotations.NullMarked;

/** What {@code pgpod ctl} does: asks the agents of a cluster over their REST interface and shows the answers. */
@NullMarked
package org.pgpod.haagent.ctl;

import org.jspecify.annotations.NullMarked;

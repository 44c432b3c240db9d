/** What the containers of one pod share: identity, directories, the boot clock and the files between sidecars. */
@NullMarked
package org.pgpod.core.pod;

import org.jspecify.annotations.NullMarked;

/** Real servers, unprivileged processes, certificates and architecture rules for the tests of every module. */
@NullMarked
package org.pgpod.core.testing;

import org.jspecify.annotations.NullMarked;

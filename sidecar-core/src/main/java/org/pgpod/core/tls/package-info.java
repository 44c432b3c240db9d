/** Certificates mounted like cert-manager Secrets, checked as a pair and reloaded when they change. */
@NullMarked
package org.pgpod.core.tls;

import org.jspecify.annotations.NullMarked;

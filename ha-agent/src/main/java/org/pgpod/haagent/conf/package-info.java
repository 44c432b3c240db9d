/** The content of Postgres's configuration files as values, without reading or writing one. */
@NullMarked
package org.pgpod.haagent.conf;

import org.jspecify.annotations.NullMarked;

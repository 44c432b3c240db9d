/** Who may read the exporter's pages, and over what: TLS and passwords by exporter-toolkit's web configuration file. */
@NullMarked
package org.pgpod.exporter.web;

import org.jspecify.annotations.NullMarked;

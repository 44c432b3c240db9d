package org.pgpod.haagent.model.port;

import java.time.Duration;
import org.pgpod.haagent.model.ServerCatalog;

/** The parameters of the running Postgres. */
public interface CatalogPort {
    Reading<ServerCatalog> read(Duration timeout);
}

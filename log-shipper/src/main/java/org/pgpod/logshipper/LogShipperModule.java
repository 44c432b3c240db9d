package org.pgpod.logshipper;

import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.lifecycle.SidecarModule;
import org.pgpod.logshipper.loop.Shipper;

/** The sidecar {@code log-shipper}: the pod's logs in a central Postgres, each record exactly once. */
public final class LogShipperModule implements SidecarModule {
    @Override
    public String name() {
        return "log-shipper";
    }

    @Override
    public SectionSchema schema() {
        return Shipper.SCHEMA;
    }

    @Override
    public Sidecar create(Values values, SidecarContext context) throws ConfigurationException {
        return Shipper.create(values, context);
    }
}

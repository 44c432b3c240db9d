package org.pgpod.wireproxy;

import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.lifecycle.SidecarModule;

/** The wire-proxy as the launcher sees it. */
public final class WireProxyModule implements SidecarModule {
    @Override
    public String name() {
        return "wire-proxy";
    }

    @Override
    public SectionSchema schema() {
        return WireProxySettings.SCHEMA;
    }

    @Override
    public Sidecar create(Values values, SidecarContext context) {
        return new WireProxySidecar(WireProxySettings.from(values), context);
    }
}

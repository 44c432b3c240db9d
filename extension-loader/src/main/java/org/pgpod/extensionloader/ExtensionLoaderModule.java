package org.pgpod.extensionloader;

import java.io.IOException;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.lifecycle.SidecarModule;

/** The extension-loader as the launcher sees it. */
public final class ExtensionLoaderModule implements SidecarModule {
    @Override
    public String name() {
        return "extension-loader";
    }

    @Override
    public SectionSchema schema() {
        return ExtensionLoaderSettings.SCHEMA;
    }

    @Override
    public Sidecar create(Values values, SidecarContext context) throws ConfigurationException {
        return new ExtensionLoader(ExtensionLoaderSettings.from(values, context.pod()), context);
    }

    /**
     * What the init container does: builds the tree that Postgres starts from, and loads the wanted extensions if they can
     * be had within {@code firstSyncTimeout}. Returns whether all could; an {@link IOException} means there is no tree.
     */
    @Override
    public boolean prepare(Values values, SidecarContext context)
            throws ConfigurationException, IOException, InterruptedException {
        return new ExtensionLoader(ExtensionLoaderSettings.from(values, context.pod()), context).firstSync();
    }
}

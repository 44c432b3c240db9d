package org.pgpod.image.launcher;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.lifecycle.SidecarModule;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.exporter.ExporterModule;
import org.pgpod.extensionloader.ExtensionLoaderModule;
import org.pgpod.haagent.HaAgentModule;
import org.pgpod.logshipper.LogShipperModule;
import org.pgpod.wireproxy.WireProxyModule;

/** The sidecars that there are, in the order in which one process starts them; it stops them in the reverse order. */
public final class Sidecars {
    private static final List<SidecarModule> MODULES = List.of(
            new HaAgentModule(),
            new WireProxyModule(),
            new ExporterModule(),
            new LogShipperModule(),
            new ExtensionLoaderModule());

    private Sidecars() {}

    public static List<SidecarModule> all() {
        return MODULES;
    }

    public static Optional<SidecarModule> named(String name) {
        return MODULES.stream().filter(module -> module.name().equals(name)).findFirst();
    }

    public static List<String> names() {
        return MODULES.stream().map(SidecarModule::name).toList();
    }

    /** Every section that may stand in the configuration file. */
    public static List<SectionSchema> schemas() {
        List<SectionSchema> schemas = new ArrayList<>();
        schemas.add(PodSettings.SCHEMA);
        MODULES.forEach(module -> schemas.add(module.schema()));
        return List.copyOf(schemas);
    }
}

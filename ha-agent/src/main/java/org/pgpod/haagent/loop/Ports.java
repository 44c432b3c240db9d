package org.pgpod.haagent.loop;

import java.time.Instant;
import java.util.function.Supplier;
import org.pgpod.core.pod.BootClock;
import org.pgpod.haagent.model.port.CatalogPort;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.ConfigurationPort;
import org.pgpod.haagent.model.port.DatabasePort;
import org.pgpod.haagent.model.port.HookPort;
import org.pgpod.haagent.model.port.LeaseStore;
import org.pgpod.haagent.model.port.LibraryPort;
import org.pgpod.haagent.model.port.PeerPort;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.ProxyPort;
import org.pgpod.haagent.model.port.RemotePort;
import org.pgpod.haagent.model.port.Scheduler;
import org.pgpod.haagent.model.port.SlotPort;
import org.pgpod.haagent.model.port.SupervisorPort;
import org.pgpod.haagent.model.port.TokenPort;

/**
 * Everything the loop needs from outside.
 *
 * @param remote the other cluster that this one may follow
 * @param hooks what the template of the pod wants done at events
 * @param wallClock for what people plan and read; nothing about the Lease is decided by it
 */
public record Ports(
        BootClock clock,
        Scheduler scheduler,
        LeaseStore leases,
        PodPort pods,
        SupervisorPort supervisor,
        DatabasePort database,
        SlotPort slots,
        ConfigurationPort configuration,
        TokenPort token,
        ProxyPort proxy,
        LibraryPort libraries,
        PeerPort peers,
        ConfigMapPort configMap,
        CatalogPort catalog,
        Supplier<Instant> wallClock,
        RemotePort remote,
        HookPort hooks) {
    /** The same without hooks and another cluster. */
    public Ports(
            BootClock clock,
            Scheduler scheduler,
            LeaseStore leases,
            PodPort pods,
            SupervisorPort supervisor,
            DatabasePort database,
            SlotPort slots,
            ConfigurationPort configuration,
            TokenPort token,
            ProxyPort proxy,
            LibraryPort libraries,
            PeerPort peers,
            ConfigMapPort configMap,
            CatalogPort catalog,
            Supplier<Instant> wallClock) {
        this(
                clock,
                scheduler,
                leases,
                pods,
                supervisor,
                database,
                slots,
                configuration,
                token,
                proxy,
                libraries,
                peers,
                configMap,
                catalog,
                wallClock,
                RemotePort.NONE,
                HookPort.NONE);
    }

    /** The same with {@code other} hooks. */
    public Ports with(HookPort other) {
        return new Ports(
                clock,
                scheduler,
                leases,
                pods,
                supervisor,
                database,
                slots,
                configuration,
                token,
                proxy,
                libraries,
                peers,
                configMap,
                catalog,
                wallClock,
                remote,
                other);
    }

    /** The same with another cluster to ask. */
    public Ports with(RemotePort other) {
        return new Ports(
                clock,
                scheduler,
                leases,
                pods,
                supervisor,
                database,
                slots,
                configuration,
                token,
                proxy,
                libraries,
                peers,
                configMap,
                catalog,
                wallClock,
                other,
                hooks);
    }
}

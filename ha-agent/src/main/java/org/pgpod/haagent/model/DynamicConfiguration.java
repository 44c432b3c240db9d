package org.pgpod.haagent.model;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the operator wants of the whole cluster: key {@code config} of the ConfigMap {@code <cluster>-config}.
 *
 * @param parameters of Postgres, besides the managed ones
 * @param hba lines of pg_hba.conf, which stand between the managed ones
 * @param ident lines of pg_ident.conf
 * @param slots what is wanted of replication slots
 * @param remote the other cluster that this one is to follow, if it is to
 */
public record DynamicConfiguration(
        SortedMap<String, String> parameters,
        List<String> hba,
        List<String> ident,
        Tunables tunables,
        SlotWishes slots,
        Optional<RemotePrimary> remote) {
    /** Nothing is wanted besides what each pod is configured with. */
    public static final DynamicConfiguration NONE = new DynamicConfiguration(
            new TreeMap<>(), List.of(), List.of(), Tunables.NONE, SlotWishes.NONE, Optional.empty());

    public DynamicConfiguration {
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
        hba = List.copyOf(hba);
        ident = List.copyOf(ident);
    }
}

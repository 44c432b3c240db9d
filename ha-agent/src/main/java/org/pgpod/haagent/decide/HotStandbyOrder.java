package org.pgpod.haagent.decide;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pgpod.haagent.model.SensitiveValues;

/**
 * In which order the parameters of hot standbys change, as a function of what each server runs with: a raise reaches the
 * standbys first and the primary once all that stream have it, a cut the primary first. A standby's file never says less
 * than its primary runs with, so that it may be restarted at any moment.
 */
public final class HotStandbyOrder {
    private HotStandbyOrder() {}

    /**
     * For a standby.
     *
     * @param primary what is known of the primary: what it reports, and what the own control file says of it
     */
    public static SensitiveValues ofStandby(SensitiveValues wanted, SensitiveValues primary) {
        return wanted.max(primary);
    }

    /**
     * For the primary.
     *
     * @param own what it runs with, or last ran with
     * @param standbys what each streaming standby runs with; unknown values hold a raise up
     */
    public static SensitiveValues ofPrimary(
            SensitiveValues wanted, SensitiveValues own, List<SensitiveValues> standbys) {
        SortedMap<String, Long> values = new TreeMap<>(wanted.values());
        own.values().forEach((name, running) -> {
            boolean raise = wanted.of(name) > running;
            boolean ready = standbys.stream().allMatch(standby -> standby.of(name) >= wanted.of(name));
            if (raise && !ready) {
                values.put(name, running);
            }
        });
        return new SensitiveValues(values);
    }
}

package org.pgpod.haagent.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The parameters that the running server knows, from {@code pg_settings}.
 *
 * @param parameters by name
 * @param startedMillis of the server, by its own clock; tells one run from the next
 */
public record ServerCatalog(Map<String, Parameter> parameters, long startedMillis) {
    /**
     * One row of {@code pg_settings}.
     *
     * @param type {@code bool}, {@code integer}, {@code real}, {@code string} or {@code enum}
     * @param unit such as {@code 8kB} or {@code ms}; empty for none
     * @param least and {@code most} bound a number, in the unit; empty for none
     * @param words of an enum
     * @param context when it can change: {@code postmaster} needs a restart, {@code internal} never
     * @param setting the value in force, in the unit
     * @param shown the same as SHOW shows it
     * @param pendingRestart whether the file says something else that needs a restart
     */
    public record Parameter(
            String name,
            String type,
            String unit,
            String least,
            String most,
            List<String> words,
            String context,
            String setting,
            String shown,
            boolean pendingRestart) {
        public Parameter {
            words = List.copyOf(words);
        }

        public boolean needsRestart() {
            return context.equals("postmaster");
        }
    }

    public ServerCatalog {
        parameters = Map.copyOf(parameters);
    }

    public Optional<Parameter> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /** Whether any parameter waits for a restart. */
    public boolean pendingRestart() {
        return parameters.values().stream().anyMatch(Parameter::pendingRestart);
    }

    /** What this server runs with of the parameters that matter to standbys. */
    public SensitiveValues sensitive() {
        SortedMap<String, Long> values = new TreeMap<>();
        for (String name : SensitiveValues.NAMES) {
            parameter(name)
                    .map(Parameter::setting)
                    .filter(text -> text.matches("[0-9]{1,9}"))
                    .ifPresent(text -> values.put(name, Long.valueOf(text)));
        }
        return new SensitiveValues(values);
    }
}

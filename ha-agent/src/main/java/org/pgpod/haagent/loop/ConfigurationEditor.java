package org.pgpod.haagent.loop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.pgpod.haagent.conf.ConfigurationText;
import org.pgpod.haagent.conf.ParameterCheck;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.Reading;

/** Changes the cluster's ConfigMap for people: what is not usable is refused before it is stored. Used from any thread. */
public final class ConfigurationEditor {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int ATTEMPTS_MAX = 3;

    private final ConfigMapPort configMap;
    private final Board board;

    ConfigurationEditor(ConfigMapPort configMap, Board board) {
        this.configMap = configMap;
        this.board = board;
    }

    /** How a change ended. */
    public sealed interface Edit {
        record Stored(ConfigMapView view) implements Edit {}

        record Refused(List<String> problems) implements Edit {}

        /** Others kept changing it. */
        record Outdated() implements Edit {}

        record Failed(String reason) implements Edit {}
    }

    /** The ConfigMap now. */
    public Reading<ConfigMapView> read() {
        return configMap.read(TIMEOUT);
    }

    /** Replaces the dynamic configuration by what {@code change} makes of the present one. */
    public Edit configure(UnaryOperator<ObjectNode> change) {
        return change(view -> {
            try {
                ObjectNode present = ConfigurationText.document(
                        view.entry(ConfigMapView.CONFIG).orElse(""));
                ObjectNode wanted = change.apply(present);
                List<String> problems = problems(wanted);
                return problems.isEmpty()
                        ? new Change(view.with(ConfigMapView.CONFIG, Optional.of(ConfigurationText.format(wanted))))
                        : new Change(problems);
            } catch (JsonProcessingException malformed) {
                return new Change(List.of("the stored configuration is not readable: " + malformed.getOriginalMessage()
                        + "; PUT replaces it"));
            }
        });
    }

    /** Replaces the dynamic configuration as a whole, whatever it was. */
    public Edit replace(ObjectNode wanted) {
        List<String> problems = problems(wanted);
        return problems.isEmpty()
                ? set(ConfigMapView.CONFIG, Optional.of(ConfigurationText.format(wanted)))
                : new Edit.Refused(problems);
    }

    /** Sets or removes one entry. */
    public Edit set(String key, Optional<String> text) {
        return edit(view -> view.with(key, text));
    }

    /** Changes what {@code change} changes; it may be asked several times. */
    public Edit edit(UnaryOperator<ConfigMapView> change) {
        return change(view -> new Change(change.apply(view)));
    }

    private List<String> problems(ObjectNode wanted) {
        ConfigurationText.Outcome outcome = ConfigurationText.parse(wanted);
        return outcome.usable()
                ? board.facts()
                        .catalog()
                        .known()
                        .map(server ->
                                ParameterCheck.problems(outcome.configuration().parameters(), server))
                        .orElse(List.of())
                : outcome.problems();
    }

    private record Change(Optional<ConfigMapView> wanted, List<String> problems) {
        Change(ConfigMapView wanted) {
            this(Optional.of(wanted), List.of());
        }

        Change(List<String> problems) {
            this(Optional.empty(), problems);
        }
    }

    private interface Changing {
        Change of(ConfigMapView view);
    }

    private Edit change(Changing changing) {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            switch (configMap.read(TIMEOUT)) {
                case Reading.Failure<ConfigMapView>(String reason) -> {
                    return new Edit.Failed("the ConfigMap cannot be read: " + reason);
                }
                case Reading.Value<ConfigMapView>(ConfigMapView view) -> {
                    Change change = changing.of(view);
                    if (change.wanted().isEmpty()) {
                        return new Edit.Refused(change.problems());
                    }
                    switch (configMap.write(change.wanted().get(), TIMEOUT)) {
                        case ConfigMapPort.Write.Stored(ConfigMapView stored) -> {
                            return new Edit.Stored(stored);
                        }
                        case ConfigMapPort.Write.Failed(String reason) -> {
                            return new Edit.Failed("the ConfigMap cannot be written: " + reason);
                        }
                        case ConfigMapPort.Write.Outdated ignored -> {}
                    }
                }
            }
        }
        return new Edit.Outdated();
    }
}

package org.pgpod.image.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The laws of the injector, on templates damaged at random: it answers, it is idempotent, and it changes no argument. */
class InjectorLawsTest {
    private static final int ROUNDS = 600;
    private static final int DAMAGES_MAX = 2;

    static List<String> names() {
        return Templates.NAMES;
    }

    @ParameterizedTest
    @MethodSource("names")
    void holdOnDamagedTemplates(String name) {
        ObjectNode template =
                Templates.workload(Templates.text("templates/" + name)).object();
        ObjectNode injected =
                Templates.workload(Templates.text("golden/" + name)).object();
        int accepted = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            ObjectNode damaged = (seed % 2 == 0 ? template : injected).deepCopy();
            for (int damages = random.nextInt(DAMAGES_MAX); damages >= 0; damages--) {
                damage(damaged, random);
            }
            accepted += check(damaged, "seed " + seed + " of " + name) ? 1 : 0;
        }
        assertThat(accepted).isGreaterThan(ROUNDS / 20);
    }

    private static boolean check(ObjectNode damaged, String round) {
        ObjectNode before = damaged.deepCopy();
        Outcome outcome = Templates.INJECTOR.inject(damaged);
        assertThat(damaged).as(round).isEqualTo(before);
        return switch (outcome) {
            case Outcome.Untouched _ -> false;
            case Outcome.Refused refused -> {
                assertThat(refused.problems()).as(round).isNotEmpty();
                yield false;
            }
            case Outcome.Injected once -> {
                Outcome again = Templates.INJECTOR.inject(once.object());
                assertThat(again).as(round).isInstanceOf(Outcome.Injected.class);
                assertThat(((Outcome.Injected) again).object()).as(round).isEqualTo(once.object());
                yield true;
            }
        };
    }

    /** Removes a node, or puts one of another type in its place. */
    private static void damage(ObjectNode root, Random random) {
        List<ContainerNode<?>> containers = new ArrayList<>();
        collect(root, containers);
        containers.removeIf(ContainerNode::isEmpty);
        if (containers.isEmpty()) {
            return;
        }
        ContainerNode<?> container = containers.get(random.nextInt(containers.size()));
        int position = random.nextInt(container.size());
        if (container instanceof ObjectNode object) {
            String field = object.propertyStream().toList().get(position).getKey();
            switch (random.nextInt(5)) {
                case 0 -> object.putNull(field);
                case 1 -> object.put(field, "text");
                case 2 -> object.put(field, 0);
                case 3 -> object.putObject(field);
                default -> object.remove(field);
            }
        } else if (container instanceof ArrayNode array) {
            switch (random.nextInt(3)) {
                case 0 -> array.set(position, array.nullNode());
                case 1 -> array.insert(position, array.get(position).deepCopy());
                default -> array.remove(position);
            }
        }
    }

    private static void collect(JsonNode node, List<ContainerNode<?>> containers) {
        if (node instanceof ContainerNode<?> container) {
            containers.add(container);
        }
        node.forEach(child -> collect(child, containers));
    }
}

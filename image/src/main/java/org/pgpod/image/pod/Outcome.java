package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What became of one object given to the {@link Injector}. */
public sealed interface Outcome {
    /**
     * The object with pgpod in its pods.
     *
     * @param object a new tree; the tree that was given is unchanged
     * @param cluster what {@link ClusterObjects} needs to know of it
     * @param notes sentences for people: what of the original template is no longer in effect
     */
    record Injected(ObjectNode object, Cluster cluster, List<String> notes) implements Outcome {
        public Injected {
            notes = List.copyOf(notes);
        }
    }

    /** The object is none of pgpod's business and stays as it is. */
    record Untouched() implements Outcome {}

    /** The object has Postgres in it, but cannot become a member of a cluster as it is written. */
    record Refused(List<Problem> problems) implements Outcome {
        public Refused {
            problems = List.copyOf(problems);
        }
    }
}

package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Adds pgpod to a StatefulSet or Pod with one Postgres container. Total and pure: the tree that is given stays
 * unchanged, fields that nobody here knows stay as they are, and {@code inject(inject(x))} equals {@code inject(x)}.
 */
public final class Injector {
    private final InjectionSettings settings;

    public Injector(InjectionSettings settings) {
        this.settings = settings;
    }

    /** Injects one object; objects without a Postgres server in them come back as {@link Outcome.Untouched}. */
    public Outcome inject(ObjectNode object) {
        Optional<Workload> workload = Workload.of(object.deepCopy());
        if (workload.isEmpty()
                || workload.get()
                        .annotation(Layout.INJECT)
                        .filter("false"::equals)
                        .isPresent()) {
            return new Outcome.Untouched();
        }
        return switch (PostgresContainer.find(workload.get())) {
            case PostgresContainer.Search.NotThere _ -> new Outcome.Untouched();
            case PostgresContainer.Search.Unclear unclear -> new Outcome.Refused(List.of(unclear.problem()));
            case PostgresContainer.Search.Found found -> inject(workload.get(), found.container());
        };
    }

    private Outcome inject(Workload workload, PostgresContainer container) {
        if (!workload.hasStableMembers()) {
            return new Outcome.Refused(List.of(new Problem(
                    workload.id(),
                    "kind",
                    workload.kind()
                            + " gives its pods neither stable names nor volumes of their own; use a StatefulSet,"
                            + " or set the annotation " + Layout.INJECT + ": \"false\" if this is not a server")));
        }
        return switch (Examination.examine(workload, container, settings)) {
            case Examination.Result.Failed failed -> new Outcome.Refused(failed.problems());
            case Examination.Result.Passed passed -> assemble(workload, passed.findings());
        };
    }

    private Outcome assemble(Workload workload, Examination.Findings findings) {
        var notes = new ArrayList<>(new PodAssembly(workload, findings).assemble(settings.image()));
        startMembersTogether(workload, notes);
        var problems = new ArrayList<Problem>();
        for (RestrictedProfile.Violation violation : RestrictedProfile.violations(workload.spec())) {
            Problem problem = workload.problem(violation.field(), violation.reason());
            if (violation.container().equals(findings.container().name())) {
                problems.add(problem);
            } else {
                notes.add("not allowed by the Pod Security profile restricted: " + problem.field() + ": "
                        + problem.reason());
            }
        }
        return problems.isEmpty()
                ? new Outcome.Injected(workload.object(), cluster(workload, findings), notes)
                : new Outcome.Refused(problems);
    }

    /** Members started one after the other would elect among those that are there, not among all. */
    private static void startMembersTogether(Workload workload, List<String> notes) {
        if (!workload.kind().equals("StatefulSet")) {
            return;
        }
        ObjectNode spec = Nodes.object(workload.object(), "spec");
        if (!spec.path("podManagementPolicy").asText().equals("Parallel")) {
            spec.set("podManagementPolicy", TextNode.valueOf("Parallel"));
            notes.add("podManagementPolicy is Parallel now; a StatefulSet that exists must be deleted with"
                    + " --cascade=orphan and applied again, for this field cannot be changed in place");
        }
    }

    private Cluster cluster(Workload workload, Examination.Findings findings) {
        List<String> members = workload.kind().equals("StatefulSet")
                ? Cluster.membersOf(
                        workload.name(),
                        workload.firstOrdinal(),
                        workload.replicas().asInt(1))
                : List.of(workload.name());
        return new Cluster(
                findings.cluster(),
                Nodes.text(workload.object().path("metadata"), "namespace").or(settings::namespace),
                workload.name(),
                members,
                Nodes.text(workload.spec(), "serviceAccountName").orElse(Cluster.serviceAccountOf(findings.cluster())));
    }
}

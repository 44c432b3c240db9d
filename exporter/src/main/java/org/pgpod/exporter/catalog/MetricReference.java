package org.pgpod.exporter.catalog;

import java.util.List;
import java.util.stream.Collectors;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Column;
import org.pgpod.exporter.model.HostMetric;
import org.pgpod.exporter.model.OwnMetric;
import org.pgpod.exporter.model.Query;
import org.pgpod.exporter.model.Role;
import org.pgpod.exporter.model.Scope;
import org.pgpod.exporter.model.Usage;
import org.pgpod.exporter.model.VersionRange;

/** Writes the reference page of all metrics, so that it never says anything but what the collectors do. */
public final class MetricReference {
    private static final String TABLE_HEAD = "| metric | type | labels | versions | meaning |\n|---|---|---|---|---|\n";

    private final StringBuilder page = new StringBuilder();

    private MetricReference() {}

    /** The page, as Markdown. */
    public static String render(Catalog catalog) {
        MetricReference reference = new MetricReference();
        reference.introduction();
        catalog.collectors().forEach(reference::collector);
        reference.host();
        reference.own();
        return reference.page.toString();
    }

    private void introduction() {
        page.append("""
                # Metrics of the exporter

                Made from the collector files by `MetricReference`; to write it anew, run the exporter's tests with
                `-Dpgpod.docs.write=true`.

                Names, types and labels are those of postgres_exporter where it has them, in each of the
                [formats](exporter.md#formats) of `/metrics`. A scrape answers within `exporter.scrapeDeadline` (or the
                scraper's own announced timeout, if shorter) whatever Postgres does:

                | Postgres | `pg_up` | the page |
                |---|---|---|
                | answers, new logins work | 1 | all families |
                | answers, new logins fail (`max_connections`, `pg_hba.conf`, password, postmaster stopped) | 0 | all families, read on the kept connection |
                | stopped, restarting, recovering without letting anybody in, or never reached | 0 | no Postgres families |
                | frozen: neither the kept connection nor a new one is answered | 0 | no Postgres families |
                | a collector is slow, blocked by a lock, or fails | 1 | its last values for five minutes more, and their age in `pgpod_exporter_family_age_seconds` |

                A family collected *at a scrape* is read again by a scrape that finds it older than its ttl, together with
                all others that are due, in one round trip. A family collected *in the background* is read at the pace of
                its ttl, or more rarely when that is much work: the background rests three times as long as it works. No
                scrape waits for it.

                """);
        ownFiles();
        page.append("## Postgres\n\n");
    }

    private void ownFiles() {
        page.append("""
                ## Collectors of your own

                Every file `*.yaml` in `exporter.collectorDirectory` is a collector; one with the name of a heading below takes
                that collector's place. All problems of all files are reported at start, with file, family and column. Files
                that change are [read again](exporter.md#reload).

                ```yaml
                family: app_queue                # begins the names of its metrics
                description: Jobs that wait.
                ttl: 10s                         # a younger result is shown again; default 1s, in the background 60s
                timeout: 500ms                   # statement_timeout; default 500ms, at most 5s; in the background 5s, at most 10min
                tags: [primary]                  # primary, standby; default both
                maxSeries: 500                   # more are dropped and counted; default 5000
                query: SELECT name, length, waited_ms FROM app.queue   # schema-qualified: search_path is pg_catalog
                metrics:                         # every column of the result
                  - name: { usage: LABEL }
                  - length: { usage: GAUGE, description: "Jobs in the queue." }
                  - waited_ms: { usage: COUNTER, rename: waited_seconds_total, scale: 0.001, default: 0, description: "Time waited." }
                ```

                Other keys: `enabled: false` switches the file off unless `exporter.enabledCollectors` names it;
                `run: background` takes it out of scrapes, and then `each: SELECT …` runs the query once for each value of
                that result, as `$1`, `databases: every` (or a list of patterns such as `[app_*]`) runs it in each database
                that `exporter.databases` lets it, and `extension: name` only where that extension is, whose schema stands
                for `{schema}` in the query; `profile: name` uses it only if `exporter.compatibility` names the profile;
                `versions: 13-16` (or `17+`, `15`) limits it to major versions, and `queries:` with entries of `versions` and `query` replaces `query`
                where versions differ; a column may have `versions` too. Usages: `LABEL`, `GAUGE`, `COUNTER`, `UNTYPED`,
                `NAME` (the end of the row's metric name), `HELP` (its help text), `DISCARD`. NULL makes no series unless
                there is a `default`. The role `pgpod_exporter` must be able to read what the query reads.

                """);
    }

    private void collector(Collector collector) {
        page.append("### ")
                .append(collector.name())
                .append("\n\n")
                .append(collector.description().strip())
                .append(used(collector.scope()));
        page.append("\n\nCollected ")
                .append(collector.cadence() == Cadence.SCRAPE ? "at a scrape" : "in the background")
                .append(where(collector.scope()))
                .append(", ttl ")
                .append(seconds(collector.ttl().toMillis()))
                .append(", timeout ")
                .append(seconds(collector.timeout().toMillis()))
                .append(collector.roles().size() == Role.values().length ? "" : ", on a " + role(collector) + " only")
                .append(", at most ")
                .append(collector.seriesMax())
                .append(" series.\n\n")
                .append(TABLE_HEAD);
        boolean named = collector.columns().stream().anyMatch(column -> column.usage() == Usage.NAME);
        for (Column column : collector.columns()) {
            column.usage()
                    .type()
                    .ifPresent(type -> row(
                            named ? collector.family() + "_<name>" : collector.metricName(column),
                            type.text(),
                            collector.labels(),
                            versions(collector, column),
                            column.description()));
        }
        page.append('\n');
    }

    private static String used(Scope scope) {
        String off = scope.standard() == Scope.Standard.OFF ? " Off by default." : "";
        return off
                + scope.profile()
                        .map(profile -> " Only with the compatibility `" + profile + "`.")
                        .orElse("");
    }

    private static String where(Scope scope) {
        String having =
                scope.extension().map(extension -> " that has " + extension).orElse("");
        return switch (scope.reach()) {
            case SERVER -> "";
            case ONE -> " in one database" + having;
            case EVERY -> " in every database" + having;
        };
    }

    private static String seconds(long millis) {
        return millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
    }

    private static String role(Collector collector) {
        return collector.roles().contains(Role.STANDBY) ? "standby" : "primary";
    }

    private static String versions(Collector collector, Column column) {
        int least = collector.queries().stream()
                .mapToInt(query -> query.versions().least())
                .min()
                .orElse(0);
        int most = collector.queries().stream()
                .map(Query::versions)
                .mapToInt(range -> range.most())
                .max()
                .orElse(0);
        return new VersionRange(
                        Math.max(least, column.versions().least()),
                        Math.min(most, column.versions().most()))
                .toString();
    }

    private void host() {
        page.append("""
                ## Container, processes and volumes

                Read from the kernel's files every `exporter.hostInterval`; no scrape waits for them and no SQL is needed.
                [What can be seen in which pod](host-metrics.md) is a page of its own.

                """);
        page.append(TABLE_HEAD);
        for (HostMetric metric : HostMetric.values()) {
            row(metric.metric(), metric.type().text(), metric.labels(), "all", metric.help());
        }
        page.append('\n');
    }

    private void own() {
        page.append("""
                ## The exporter itself

                The label `family` holds a collector's name: the headings above. Besides these, the page shows the meters of
                the process (`jvm_*`, `system_*`, `process_*`) and, for each entry of `exporter.mergeTargets`, the metrics
                of that sidecar with the label `sidecar`.

                """);
        page.append(TABLE_HEAD);
        for (OwnMetric metric : OwnMetric.values()) {
            row(metric.metric(), metric.type().text(), metric.labels(), "all", metric.help());
        }
    }

    private void row(String metric, String type, List<String> labels, String versions, String meaning) {
        page.append("| `")
                .append(metric)
                .append("` | ")
                .append(type)
                .append(" | ")
                .append(labels.stream().map(label -> "`" + label + "`").collect(Collectors.joining(" ")))
                .append(" | ")
                .append(versions)
                .append(" | ")
                .append(meaning.replace("|", "\\|").replace("\n", " "))
                .append(" |\n");
    }
}

package org.pgpod.exporter.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.pgpod.exporter.model.HostMetric;
import org.pgpod.exporter.model.MetricFamily;

/** Reads the processes and the control group of Postgres. Used by one thread. */
public final class PostgresHost {
    /** Further processes are left out of a reading. */
    static final int PROCESSES_MAX = 2_000;

    private final HostFiles files;
    private final Postmaster postmaster;
    private final BackendUsage usage = new BackendUsage();

    /**
     * A reader.
     *
     * @param supervisorState the supervisor's file that names the postmaster
     * @param pidFile {@code postmaster.pid} in the data directory
     */
    public PostgresHost(HostFiles files, Path supervisorState, Path pidFile) {
        this.files = files;
        this.postmaster = new Postmaster(supervisorState, pidFile);
    }

    /** The families as they are now. */
    public List<MetricFamily> read() {
        Readings readings = new Readings();
        OptionalLong found = postmaster.pid(files);
        usage.begin();
        if (found.isPresent()) {
            processes(found.getAsLong(), readings);
            ContainerUsage.read(ControlGroup.of(found.getAsLong(), files), files, readings);
        } else {
            readings.add(HostMetric.CONTAINER_VISIBLE, 0);
        }
        usage.end(readings);
        readings.add(HostMetric.PROCESSES_VISIBLE, found.isPresent() ? 1 : 0);
        return readings.families();
    }

    private void processes(long parent, Readings readings) {
        Map<Long, String> titles = new LinkedHashMap<>();
        for (long pid : children(parent)) {
            files.process(pid + "/cmdline").ifPresent(text -> titles.put(pid, text.replaceFirst("\0(?s:.*)", "")));
        }
        String prefix = titles.values().stream()
                .map(BackendTitle::clusterPrefix)
                .flatMap(Optional::stream)
                .min(java.util.Comparator.comparingInt(String::length))
                .orElse("");
        ProcessCounts.read(parent, files).ifPresent(counts -> usage.add(parent, counts, BackendTitle.postmaster()));
        titles.forEach((pid, title) -> ProcessCounts.read(pid, files)
                .ifPresent(counts -> usage.add(pid, counts, BackendTitle.parse(title, prefix))));
        openFiles(parent, titles.keySet(), readings);
    }

    private List<Long> children(long parent) {
        List<Long> children = new ArrayList<>();
        String list = files.process(parent + "/task/" + parent + "/children").orElse("");
        for (String word : list.split(" ", -1)) {
            if (word.matches("\\d{1,10}") && children.size() < PROCESSES_MAX) {
                children.add(Long.parseLong(word));
            }
        }
        return children;
    }

    private void openFiles(long parent, Iterable<Long> children, Readings readings) {
        OptionalLong first = files.openDescriptors(parent);
        if (first.isPresent()) {
            long sum = first.getAsLong();
            long largest = sum;
            for (long pid : children) {
                long open = files.openDescriptors(pid).orElse(0);
                sum += open;
                largest = Math.max(largest, open);
            }
            readings.add(HostMetric.OPEN_FILES, (double) sum).add(HostMetric.OPEN_FILES_LARGEST, (double) largest);
        }
        files.process(parent + "/limits")
                .flatMap(text -> text.lines()
                        .filter(line -> line.startsWith("Max open files "))
                        .findFirst())
                .map(line -> line.strip().split(" +", -1))
                .filter(words -> words.length > 3)
                .ifPresent(words ->
                        KernelText.number(words[3]).ifPresent(max -> readings.add(HostMetric.OPEN_FILES_MAX, max)));
    }
}

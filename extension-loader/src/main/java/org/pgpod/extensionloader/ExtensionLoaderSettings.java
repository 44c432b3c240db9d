package org.pgpod.extensionloader;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.extensionloader.model.DesiredExtension;

/** The section {@code extensionLoader}, read and checked. */
record ExtensionLoaderSettings(
        List<String> extensions,
        Optional<Path> desiredFile,
        Optional<String> repositories,
        Path aptDirectory,
        Optional<Path> lockFile,
        Map<String, String> packages,
        Path imageRoot,
        Set<String> imagePackages,
        int postgresVersion,
        String architecture,
        Duration refreshInterval,
        Duration interval,
        Duration retryLeast,
        Duration retryMost,
        Duration firstSyncTimeout,
        URI agentUrl,
        String postgresAddress,
        Duration lockTimeout,
        Duration createTimeout,
        InetSocketAddress admin) {

    private static final int ADMIN_PORT = 9190;

    private static final Option<List<String>> EXTENSIONS = lines(
            "extensions",
            "Wanted extensions, each `name [version] [databases=a,b] [schema=s]`. Without databases, `postgres`; with an"
                    + " empty list, loaded but not created.");
    private static final Option<Optional<Path>> DESIRED_FILE = Options.optionalPath(
            "desiredFile",
            "A mounted file with further wanted extensions, one a line; read again at every pass. It wins over `extensions`.");
    private static final Option<Optional<String>> REPOSITORIES = Options.optionalText(
            "repositories",
            "Package repositories in a format of sources.list(5), or the absolute path of a file that holds them."
                    + " Without it, those of `aptDirectory`.");
    private static final Option<Path> APT_DIRECTORY = Options.path(
                    "aptDirectory", "apt's configuration: sources.list, sources.list.d, trusted.gpg.d.")
            .withDefault("/etc/apt");
    private static final Option<Optional<Path>> LOCK_FILE =
            Options.optionalPath("lockFile", "Lines `name=version=sha256` of the only packages that may be loaded.");
    private static final Option<List<String>> PACKAGES = lines(
            "packages",
            "Packages of extensions that are not found by name, each `extension=package`; `{major}` is replaced.");
    private static final Option<Path> IMAGE_ROOT = Options.path(
                    "imageRoot", "Where this process sees the root of the image that Postgres runs from.")
            .withDefault("/");
    private static final Option<List<String>> IMAGE_PACKAGES = lines(
            "imagePackages", "Packages to be taken as part of that image besides those that dpkg recorded in it.");
    private static final Option<Integer> POSTGRES_VERSION = Options.number(
                    "postgresVersion", 0, 99, "The server's major version; 0 takes the one that the image holds.")
            .withDefault("0");
    private static final Option<Optional<String>> ARCHITECTURE = Options.optionalText(
            "architecture", "Debian's name of the server's architecture; without it, that of this process.");
    private static final Option<Duration> REFRESH_INTERVAL = Options.duration(
                    "refreshInterval",
                    Duration.ZERO,
                    Duration.ofDays(30),
                    "How old a verified index may be when something has to be loaded.")
            .withDefault("1h");
    private static final Option<Duration> INTERVAL = Options.duration(
                    "interval", Duration.ofMillis(100), Duration.ofHours(1), "The pause between passes.")
            .withDefault("2s");
    private static final Option<Duration> RETRY_LEAST = Options.duration(
                    "retryLeast",
                    Duration.ofMillis(100),
                    Duration.ofHours(1),
                    "The first pause after a failure; it doubles with each further one.")
            .withDefault("5s");
    private static final Option<Duration> RETRY_MOST = Options.duration(
                    "retryMost", Duration.ofSeconds(1), Duration.ofDays(1), "The longest pause after a failure.")
            .withDefault("5min");
    private static final Option<Duration> FIRST_SYNC_TIMEOUT = Options.duration(
                    "firstSyncTimeout",
                    Duration.ZERO,
                    Duration.ofHours(1),
                    "How long the init container may hold up the pod to load extensions before Postgres starts.")
            .withDefault("1min");
    private static final Option<Optional<String>> AGENT_URL = Options.optionalText(
            "agentUrl", "ha-agent's status of this pod; without it, `/status` on port 8008 of the pod's address.");
    private static final Option<String> POSTGRES_ADDRESS = Options.text(
                    "postgresAddress", "The loopback address on which Postgres itself listens.")
            .withDefault("127.0.0.1");
    private static final Option<Duration> LOCK_TIMEOUT = Options.duration(
                    "lockTimeout",
                    Duration.ofMillis(10),
                    Duration.ofMinutes(10),
                    "How long CREATE and ALTER EXTENSION may wait for a lock before they give way.")
            .withDefault("5s");
    private static final Option<Duration> CREATE_TIMEOUT = Options.duration(
                    "createTimeout",
                    Duration.ofSeconds(1),
                    Duration.ofHours(24),
                    "How long CREATE and ALTER EXTENSION may run.")
            .withDefault("10min");
    private static final Option<String> ADMIN_ADDRESS = Options.text(
                    "adminAddress", "Where `/livez`, `/readyz` and `/metrics` are served.")
            .withDefault("0.0.0.0");
    private static final Option<Integer> ADMIN_PORT_OPTION =
            Options.port("adminPort", ADMIN_PORT, "The port of the administrative server.");

    static final SectionSchema SCHEMA = new SectionSchema(
            "extensionLoader",
            "Which extensions are loaded into the running server, and from where.",
            List.of(
                    EXTENSIONS,
                    DESIRED_FILE,
                    REPOSITORIES,
                    APT_DIRECTORY,
                    LOCK_FILE,
                    PACKAGES,
                    IMAGE_ROOT,
                    IMAGE_PACKAGES,
                    POSTGRES_VERSION,
                    ARCHITECTURE,
                    REFRESH_INTERVAL,
                    INTERVAL,
                    RETRY_LEAST,
                    RETRY_MOST,
                    FIRST_SYNC_TIMEOUT,
                    AGENT_URL,
                    POSTGRES_ADDRESS,
                    LOCK_TIMEOUT,
                    CREATE_TIMEOUT,
                    ADMIN_ADDRESS,
                    ADMIN_PORT_OPTION));

    ExtensionLoaderSettings {
        extensions = List.copyOf(extensions);
        packages = Map.copyOf(packages);
        imagePackages = Set.copyOf(imagePackages);
    }

    static ExtensionLoaderSettings from(Values values, PodSettings pod) throws ConfigurationException {
        List<String> problems = new ArrayList<>();
        List<String> extensions = values.get(EXTENSIONS);
        try {
            DesiredExtension.merge(extensions, "");
        } catch (IllegalArgumentException e) {
            problems.add("extensionLoader.extensions: " + e.getMessage());
        }
        Map<String, String> packages = new HashMap<>();
        for (String entry : values.get(PACKAGES)) {
            int equals = entry.indexOf('=');
            if (equals < 1 || equals == entry.length() - 1) {
                problems.add("extensionLoader.packages: '" + entry + "' is not extension=package");
            } else {
                packages.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        String agentUrl = values.get(AGENT_URL).orElse("http://" + pod.address() + ":8008/status");
        if (!agentUrl.matches("https?://[^\\s]+")) {
            problems.add("extensionLoader.agentUrl: '" + agentUrl + "' is not an http or https address");
        }
        if (values.get(RETRY_LEAST).compareTo(values.get(RETRY_MOST)) > 0) {
            problems.add("extensionLoader.retryLeast is longer than extensionLoader.retryMost");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new ExtensionLoaderSettings(
                extensions,
                values.get(DESIRED_FILE),
                values.get(REPOSITORIES),
                values.get(APT_DIRECTORY),
                values.get(LOCK_FILE),
                packages,
                values.get(IMAGE_ROOT),
                Set.copyOf(values.get(IMAGE_PACKAGES)),
                values.get(POSTGRES_VERSION),
                values.get(ARCHITECTURE).orElseGet(ExtensionLoaderSettings::ownArchitecture),
                values.get(REFRESH_INTERVAL),
                values.get(INTERVAL),
                values.get(RETRY_LEAST),
                values.get(RETRY_MOST),
                values.get(FIRST_SYNC_TIMEOUT),
                URI.create(agentUrl),
                values.get(POSTGRES_ADDRESS),
                values.get(LOCK_TIMEOUT),
                values.get(CREATE_TIMEOUT),
                new InetSocketAddress(values.get(ADMIN_ADDRESS), values.get(ADMIN_PORT_OPTION)));
    }

    private static String ownArchitecture() {
        String architecture = System.getProperty("os.arch", "");
        return architecture.equals("aarch64") ? "arm64" : architecture;
    }

    /** A YAML list, or one text with semicolons: commas have a meaning inside an entry. */
    private static Option<List<String>> lines(String key, String description) {
        Option<List<String>> option = Options.of(
                key,
                "a list of texts",
                description,
                text -> List.of(text.split("[;\n]", -1)).stream()
                        .map(String::strip)
                        .filter(entry -> !entry.isEmpty())
                        .toList());
        return option.withDefault("");
    }
}

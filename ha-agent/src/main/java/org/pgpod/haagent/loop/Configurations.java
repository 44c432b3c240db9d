package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pgpod.core.pod.BootClock;
import org.pgpod.haagent.conf.ConfigurationText;
import org.pgpod.haagent.conf.ParameterCheck;
import org.pgpod.haagent.decide.Action;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.decide.FailoverSlots;
import org.pgpod.haagent.decide.HotStandbyOrder;
import org.pgpod.haagent.decide.Reason;
import org.pgpod.haagent.model.ClusterConfiguration;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.DynamicConfiguration;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.SensitiveValues;
import org.pgpod.haagent.model.ServerCatalog;
import org.pgpod.haagent.model.ServerConfiguration;
import org.pgpod.haagent.model.ServerReport;
import org.pgpod.haagent.model.StandbyWish;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.port.CatalogPort;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.ConfigurationPort;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Reading;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the cluster's dynamic configuration: reads it, checks it against the running server, and keeps the last good
 * one while the present one is not usable. All of it in one lane, of which nothing else depends.
 */
final class Configurations {
    private static final Logger LOG = LoggerFactory.getLogger(Configurations.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    /** How often the parameters of a server are read that has nothing new. */
    private static final Duration CALM = Duration.ofSeconds(10);

    /** How long they are read at every turn after something was applied: a reload takes a moment. */
    private static final Duration RESTLESS = Duration.ofSeconds(3);

    private static final Set<Reason.Code> CALM_REASONS = Set.of(
            Reason.Code.LEAD_SERVING,
            Reason.Code.STANDBY_LEADING,
            Reason.Code.STANDBY_REFUSED,
            Reason.Code.STANDBY_WAIT_REMOTE,
            Reason.Code.FOLLOW_STREAMING,
            Reason.Code.FOLLOW_WAIT_STREAM,
            Reason.Code.FOLLOW_FROZEN);

    private final ConfigMapPort configMap;
    private final CatalogPort catalog;
    private final ConfigurationPort files;
    private final PodPort pods;
    private final BootClock clock;
    private final OwnPod self;
    private final Duration timeout;
    private final Duration aliveWindow;
    private final Board board;
    private final PrimaryEntries entries;
    private final PlannedRestarts restarts;

    // Only the configuration lane touches these.
    private long readDueMillis;
    private long viewMillis;
    private long catalogDueMillis;
    private long restlessUntilMillis;
    private Optional<ServerConfiguration> lastApplied = Optional.empty();
    private String lastServer = "";
    private Optional<String> goodText = Optional.empty();
    private boolean verified;

    // The version of a data directory never falls, so that what a server once knew the next one knows as well.
    private volatile boolean copiesSlots;

    Configurations(
            Ports ports,
            OwnPod self,
            org.pgpod.haagent.model.HaAgentSettings settings,
            Board board,
            PrimaryEntries entries,
            PlannedRestarts restarts) {
        this.configMap = ports.configMap();
        this.catalog = ports.catalog();
        this.files = ports.configuration();
        this.pods = ports.pods();
        this.clock = ports.clock();
        this.self = self;
        this.timeout = settings.timings().retryPeriod();
        this.aliveWindow = settings.aliveWindow();
        this.board = board;
        this.entries = entries;
        this.restarts = restarts;
    }

    /** True when there may be something to apply. */
    boolean tick() {
        boolean news = readCatalog();
        long nowMillis = clock.nowMillis();
        if (nowMillis >= readDueMillis) {
            readDueMillis = nowMillis + INTERVAL.toMillis();
            if (configMap.read(timeout) instanceof Reading.Value<ConfigMapView>(ConfigMapView view)) {
                viewMillis = nowMillis;
                judge(view);
                if (!remember(view) && !restarts.tick(view, board.facts(), report(board.facts()))) {
                    entries.tick(view, board.facts(), clock.nowMillis());
                }
                return true;
            }
        } else if (news) {
            board.facts().configuration().view().ifPresent(this::judge);
        }
        return news;
    }

    private boolean readCatalog() {
        Facts facts = board.facts();
        Optional<SupervisorState> up =
                facts.local().supervisor().known().filter(state -> state.postgres() == SupervisorState.Postgres.UP);
        if (up.isEmpty()) {
            if (facts.catalog() instanceof Fact.Seen) {
                board.post(now -> now.withCatalog(Fact.unseen("Postgres is not up")));
            }
            return false;
        }
        long now = clock.nowMillis();
        if (!up.get().server().equals(lastServer)
                || !facts.configuration().applied().equals(lastApplied)) {
            lastServer = up.get().server();
            lastApplied = facts.configuration().applied();
            restlessUntilMillis = now + RESTLESS.toMillis();
            catalogDueMillis = now;
        }
        boolean pending = facts.local().database().holds(DatabaseFacts::pendingRestart);
        if (facts.catalog().holds(known -> known.pendingRestart() != pending)) {
            catalogDueMillis = now;
        }
        if (now < catalogDueMillis) {
            return false;
        }
        return switch (catalog.read(timeout)) {
            case Reading.Value<ServerCatalog>(ServerCatalog read) -> {
                copiesSlots = read.parameter(FailoverSlots.KNOWN_BY).isPresent();
                catalogDueMillis = now < restlessUntilMillis ? now : now + CALM.toMillis();
                boolean news = !facts.catalog().holds(read::equals);
                board.post(next -> next.withCatalog(Fact.seen(read, now)));
                yield news;
            }
            case Reading.Failure<ServerCatalog> ignored -> false;
        };
    }

    private void judge(ConfigMapView view) {
        Optional<ServerCatalog> server = board.facts().catalog().known();
        String text = view.entry(ConfigMapView.CONFIG).orElse("");
        ConfigurationText.Outcome outcome = ConfigurationText.parse(text);
        List<String> problems = outcome.usable()
                ? server.map(known ->
                                ParameterCheck.problems(outcome.configuration().parameters(), known))
                        .orElse(List.of())
                : outcome.problems();
        // Unknown parameters would keep a server from starting: what no running server has checked is not given to one.
        boolean known = server.isPresent()
                || text.isEmpty()
                || goodText.filter(text::equals).isPresent()
                || view.entry(ConfigMapView.ACCEPTED).filter(text::equals).isPresent();
        if (problems.isEmpty() && known) {
            goodText = Optional.of(text);
            verified = server.isPresent();
            post(view, outcome.configuration(), problems, wish(view, outcome, problems, Optional.empty()));
            return;
        }
        verified = false;
        DynamicConfiguration last = goodText.or(() -> view.entry(ConfigMapView.ACCEPTED))
                .map(ConfigurationText::parse)
                .filter(ConfigurationText.Outcome::usable)
                .map(ConfigurationText.Outcome::configuration)
                .orElse(DynamicConfiguration.NONE);
        post(view, last, problems, wish(view, outcome, problems, last.remote()));
    }

    /**
     * Whether to follow another cluster is known from the text alone, before any server of ours has seen the parameters
     * beside it. Of a text that is refused only the wish to follow is kept that was good before.
     */
    private StandbyWish wish(
            ConfigMapView view,
            ConfigurationText.Outcome outcome,
            List<String> problems,
            Optional<RemotePrimary> lastGood) {
        if (view.entry(ConfigMapView.CONFIG).isEmpty()) {
            return new StandbyWish.Unstated();
        }
        if (problems.isEmpty()) {
            return outcome.configuration()
                    .remote()
                    .<StandbyWish>map(StandbyWish.On::new)
                    .orElseGet(StandbyWish.Off::new);
        }
        return lastGood.<StandbyWish>map(StandbyWish.On::new).orElseGet(StandbyWish.Unknown::new);
    }

    private void post(ConfigMapView view, DynamicConfiguration use, List<String> problems, StandbyWish wish) {
        ClusterConfiguration before = board.facts().configuration();
        board.post(facts -> facts.withConfiguration(
                facts.configuration().judged(view, use, problems, Fact.seen(wish, viewMillis))));
        if (!problems.equals(before.problems()) && !problems.isEmpty()) {
            String told = String.join("; ", problems);
            LOG.warn("configuration refused, the last good one stays problems={}", told);
            pods.warning("ConfigurationRefused", told);
        } else if (!use.equals(before.accepted())) {
            LOG.info("configuration accepted version={}", view.resourceVersion());
        }
    }

    /** The next turn reads the ConfigMap and writes the files anew, whatever they hold. */
    void reload() {
        readDueMillis = 0;
        board.post(facts -> facts.withConfiguration(facts.configuration().withoutApplied()));
    }

    /** As the primary, keeps what was found usable beside what is wanted, for members that start while that is not. */
    private boolean remember(ConfigMapView view) {
        boolean serving = board.facts()
                .term()
                .filter(term -> term.openAt(clock.nowMillis()))
                .isPresent();
        Optional<String> text = goodText.filter(good -> !good.isBlank());
        if (serving
                && verified
                && !view.resourceVersion().isEmpty()
                && !view.entry(ConfigMapView.ACCEPTED).equals(text)) {
            configMap.write(view.with(ConfigMapView.ACCEPTED, text), timeout);
            return true;
        }
        return false;
    }

    /** What the files of the running server should hold; empty while it is not known what it runs with. */
    Optional<ServerConfiguration> whileUp(PostgresSettings settings, Facts facts) {
        // A standby's own values are its floor only while the primary's are unknown.
        boolean own = settings instanceof PostgresSettings.Primary
                || settings instanceof PostgresSettings.Remote
                || !ofHolder(facts).isKnown();
        return facts.catalog()
                .known()
                .map(running -> of(settings, facts, own ? running.sensitive() : SensitiveValues.UNKNOWN));
    }

    /** What the files should hold for {@code settings}, if the server last ran with {@code own}. */
    ServerConfiguration of(PostgresSettings settings, Facts facts, SensitiveValues own) {
        DynamicConfiguration accepted = facts.configuration().accepted();
        SensitiveValues wanted = SensitiveValues.in(files.wantedParameters(accepted));
        SensitiveValues values = switch (settings) {
            case PostgresSettings.Primary ignored -> HotStandbyOrder.ofPrimary(wanted, own, ofStandbys(facts));
            case PostgresSettings.Recovering ignored -> HotStandbyOrder.ofStandby(wanted, own);
            case PostgresSettings.Standby ignored -> HotStandbyOrder.ofStandby(wanted, own.max(ofHolder(facts)));
            case PostgresSettings.Archived ignored -> HotStandbyOrder.ofStandby(wanted, own.max(ofHolder(facts)));
            case PostgresSettings.Fetching ignored -> HotStandbyOrder.ofStandby(wanted, own.max(ofHolder(facts)));
            case PostgresSettings.Detached ignored -> HotStandbyOrder.ofStandby(wanted, own.max(ofHolder(facts)));
            case PostgresSettings.Remote ignored -> HotStandbyOrder.ofStandby(wanted, own);
        };
        SortedMap<String, Long> overruled = new TreeMap<>(values.values());
        overruled.entrySet().removeIf(value -> wanted.of(value.getKey()) == value.getValue());
        return ServerConfiguration.of(accepted, new SensitiveValues(overruled), slotParameters(settings, facts));
    }

    private SortedMap<String, String> slotParameters(PostgresSettings settings, Facts facts) {
        if (!copiesSlots) {
            return new TreeMap<>();
        }
        List<MemberName> voters = facts.lease()
                .known()
                .flatMap(LeaseSighting::view)
                .flatMap(view -> view.record().valid())
                .map(ClusterRecord::voters)
                .orElse(List.of());
        List<DatabaseFacts.Sender> senders =
                facts.local().database().known().map(DatabaseFacts::senders).orElse(List.of());
        return FailoverSlots.parameters(
                settings, facts.configuration().accepted().slots(), holder(facts), voters, senders);
    }

    private List<SensitiveValues> ofStandbys(Facts facts) {
        long since = clock.nowMillis() - aliveWindow.toMillis();
        return facts.members().known().orElse(List.of()).stream()
                .filter(member -> member.aliveSince(since))
                .map(MemberSighting::status)
                .filter(status -> !status.pod().equals(self.holder().pod()))
                .filter(status -> status.state() == MemberStatus.State.STREAMING)
                .map(status -> status.server().inForce())
                .toList();
    }

    private static Optional<String> holder(Facts facts) {
        return facts.lease()
                .known()
                .flatMap(LeaseSighting::view)
                .flatMap(LeaseView::holder)
                .map(Holder::pod);
    }

    private static SensitiveValues ofHolder(Facts facts) {
        Optional<String> holder = holder(facts);
        return facts.members().known().orElse(List.of()).stream()
                .map(MemberSighting::status)
                .filter(status -> holder.filter(status.pod()::equals).isPresent())
                .map(status -> status.server().inForce())
                .findFirst()
                .orElse(SensitiveValues.UNKNOWN);
    }

    /**
     * What to do instead of {@code decision}: where it is to leave a server alone that follows or serves, the
     * configuration is applied if it changed. Everything else goes before.
     */
    Action instead(Decision decision, Facts facts) {
        boolean settled = decision.action() instanceof Action.Nothing
                && CALM_REASONS.contains(decision.reason().code());
        boolean failed = decision.memory().failedAction().isPresent()
                && clock.nowMillis() < decision.memory().retryMillis();
        Optional<PostgresSettings> settings = facts.local().settings();
        return settled && !failed && settings.isPresent() && !isApplied(settings.get(), facts)
                ? new Action.Configure(settings.get())
                : decision.action();
    }

    /** Whether the files of the running server hold what they should. */
    private boolean isApplied(PostgresSettings settings, Facts facts) {
        return whileUp(settings, facts)
                .map(wanted ->
                        facts.configuration().applied().filter(wanted::equals).isPresent())
                .orElse(true);
    }

    /** What is to be told of the running server. */
    ServerReport report(Facts facts) {
        Optional<ServerCatalog> running = facts.catalog().known();
        if (running.isEmpty()) {
            return ServerReport.NONE;
        }
        Map<String, String> wanted = written(facts);
        SortedMap<String, ServerReport.Change> pending = new TreeMap<>();
        running.get().parameters().values().stream()
                .filter(ServerCatalog.Parameter::pendingRestart)
                .forEach(parameter -> pending.put(
                        parameter.name(),
                        new ServerReport.Change(
                                parameter.shown(), wanted.getOrDefault(parameter.name(), "its default"))));
        return new ServerReport(running.get().sensitive(), pending);
    }

    /** Parameters that wait for other members: what the files say of them, and what is wanted. */
    SortedMap<String, ServerReport.Change> heldBack(Facts facts) {
        Map<String, String> wanted =
                files.wantedParameters(facts.configuration().accepted());
        SensitiveValues standards = SensitiveValues.in(wanted);
        SortedMap<String, ServerReport.Change> held = new TreeMap<>();
        facts.configuration()
                .applied()
                .ifPresent(applied -> applied.sensitive()
                        .values()
                        .forEach((name, value) -> held.put(
                                name, new ServerReport.Change(value.toString(), Long.toString(standards.of(name))))));
        return held;
    }

    private Map<String, String> written(Facts facts) {
        Map<String, String> parameters =
                files.wantedParameters(facts.configuration().accepted());
        facts.configuration()
                .applied()
                .ifPresent(applied ->
                        applied.sensitive().values().forEach((name, value) -> parameters.put(name, value.toString())));
        return parameters;
    }
}

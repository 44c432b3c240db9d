package org.pgpod.logshipper.know;

import static org.pgpod.logshipper.know.Credentials.REDACTED;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.model.PostgresEvent;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;

/**
 * What every parsed record passes before it is put into a batch: it learns a record's event, duration, fingerprint and plan,
 * and takes out of it what must not leave the pod. Used by one thread.
 */
public final class RecordScreen {
    private static final String FOREIGN = "{\"redacted\":true}";

    private final Credentials credentials = new Credentials();
    private final EventMatcher events = new EventMatcher();
    private final StatementText statements;
    private final ContextText contexts;
    private final DetailText details;
    private final MessageText messages;
    private final PlanText plans;
    private final StandardErrorText lines;
    private final RedactionPolicy policy;

    private final int event = Table.POSTGRES_LOG.column("event");
    private final int duration = Table.POSTGRES_LOG.column("duration_micros");
    private final int fingerprint = Table.POSTGRES_LOG.column("fingerprint");
    private final int plan = Table.POSTGRES_LOG.column("plan");
    private final int state = Table.POSTGRES_LOG.column("state_code");
    private final int message = Table.POSTGRES_LOG.column("message");
    private final int detail = Table.POSTGRES_LOG.column("detail");
    private final int hint = Table.POSTGRES_LOG.column("hint");
    private final int context = Table.POSTGRES_LOG.column("context");
    private final int statement = Table.POSTGRES_LOG.column("statement");
    private final int internalQuery = Table.POSTGRES_LOG.column("internal_query");
    private final int extra = Table.POSTGRES_LOG.column(Table.EXTRA);
    private final int truncated = Table.POSTGRES_LOG.column(Table.TRUNCATED);

    private final int[] scrubbed = {
        message,
        detail,
        hint,
        context,
        statement,
        internalQuery,
        Table.POSTGRES_LOG.column("application_name"),
        Table.POSTGRES_LOG.column("user_name"),
        Table.POSTGRES_LOG.column("database_name"),
        Table.POSTGRES_LOG.column("ps")
    };
    private final int[] scrubbedOfSidecars = {
        Table.SIDECAR_LOG.column("message"), Table.SIDECAR_LOG.column("exception"), Table.SIDECAR_LOG.column("thread")
    };
    private final int sidecarExtra = Table.SIDECAR_LOG.column(Table.EXTRA);
    private final int line = Table.POSTGRES_STDERR.column("line");

    public RecordScreen(RedactionPolicy policy) {
        this.policy = policy;
        this.statements = new StatementText(policy, credentials);
        this.contexts = new ContextText(policy, statements);
        this.details = new DetailText(policy, statements);
        this.messages = new MessageText(policy, statements);
        this.plans = new PlanText(policy, statements);
        this.lines = new StandardErrorText(policy, statements, contexts, details);
    }

    /** Screens a record; its event if it is one of Postgres that is known. */
    public Optional<PostgresEvent> screen(RecordFields fields) {
        switch (fields.table()) {
            case POSTGRES_LOG -> {
                return Optional.ofNullable(screenPostgres(fields));
            }
            case SIDECAR_LOG -> {
                scrub(fields, scrubbedOfSidecars);
                scrubForeign(fields, sidecarExtra);
            }
            case POSTGRES_STDERR -> {
                fields.setText(line, lines.redact(fields.text(line)));
                scrub(fields, new int[] {line});
            }
            case DEAD_LETTER -> throw new IllegalArgumentException("a dead letter is not parsed");
        }
        return Optional.empty();
    }

    private @Nullable PostgresEvent screenPostgres(RecordFields fields) {
        PostgresEvent known = events.match(fields);
        String stateCode = fields.isNull(state) ? "" : fields.text(state);
        String text = fields.isNull(message) ? "" : fields.text(message);
        StatementText.@Nullable Known own = null;
        MessageForm form = MessageForm.of(known, text);
        if (form.event() != null) {
            fields.setText(event, form.event().label());
        }
        if (form.durationMicros() >= 0) {
            fields.setBigint(duration, form.durationMicros());
        }
        boolean secret = false;
        if (!fields.isNull(statement)) {
            own = statements.of(fields.text(statement));
            secret = own.secret();
            fields.setText(statement, own.told());
        }
        if (form.kind() == MessageForm.Kind.STATEMENT) {
            own = statements.of(form.tail());
            secret |= own.secret();
            fields.setText(message, form.head() + own.told());
        } else if (form.kind() == MessageForm.Kind.PLAN) {
            Optional<StatementText.Known> query = setPlan(fields, form);
            own = query.orElse(own);
            secret |= query.map(StatementText.Known::secret).orElse(false);
        }
        if (own != null && fields.isNull(truncated)) {
            fields.setText(fingerprint, own.fingerprint());
        }
        redactRest(fields, stateCode, form, secret);
        return form.event();
    }

    private Optional<StatementText.Known> setPlan(RecordFields fields, MessageForm form) {
        Optional<PlanText.Plan> found = plans.of(form.tail());
        if (found.isPresent()) {
            byte[] json = found.get().json();
            fields.setJson(plan, json, 0, json.length);
            fields.setText(message, form.head().stripTrailing());
            return found.get().query();
        }
        fields.setText(message, form.head() + plans.other(form.tail(), credentials.suspected(form.tail())));
        return Optional.empty();
    }

    private void redactRest(RecordFields fields, String stateCode, MessageForm form, boolean secret) {
        boolean byFunction = MessageText.raised(stateCode)
                || (!fields.isNull(context) && ContextText.madeByFunction(fields.text(context)));
        if (byFunction && (policy.redactsTableData() || secret)) {
            replace(fields, message);
            replace(fields, detail);
            replace(fields, hint);
        } else {
            if (form.kind() == MessageForm.Kind.OTHER && !fields.isNull(message)) {
                String told = messages.redact(fields.text(message), stateCode, form.event() != null, secret);
                fields.setText(message, told);
            }
            if (!fields.isNull(detail)) {
                boolean aboutData = MessageText.aboutData(stateCode) || secret;
                fields.setText(detail, details.redact(fields.text(detail), aboutData, secret));
            }
        }
        if (!fields.isNull(context)) {
            fields.setText(context, contexts.redact(fields.text(context), secret));
        }
        if (!fields.isNull(internalQuery)) {
            fields.setText(
                    internalQuery, statements.of(fields.text(internalQuery)).told());
        }
        scrub(fields, scrubbed);
        scrubForeign(fields, extra);
    }

    private static void replace(RecordFields fields, int column) {
        if (!fields.isNull(column)) {
            fields.setText(column, REDACTED);
        }
    }

    private void scrub(RecordFields fields, int[] columns) {
        for (int column : columns) {
            int from = fields.start(column);
            if (fields.length(column) > 0
                    && credentials.suspected(fields.bytes(), from, from + fields.length(column))) {
                fields.setText(column, Credentials.scrub(fields.text(column)));
            }
        }
    }

    /** Keys that are not known: where a credential may be among them, nothing of them is kept. */
    private void scrubForeign(RecordFields fields, int column) {
        int from = fields.start(column);
        if (fields.length(column) > 0 && credentials.suspected(fields.bytes(), from, from + fields.length(column))) {
            byte[] replaced = FOREIGN.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            fields.setJson(column, replaced, 0, replaced.length);
        }
    }
}

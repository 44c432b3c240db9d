package org.pgpod.logshipper.loop;

import java.util.List;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.logshipper.know.EventLimits.Limit;
import org.pgpod.logshipper.know.RedactionPolicy;
import org.pgpod.logshipper.know.RedactionPolicy.Treatment;

/** What of the section {@code logShipper} is about the content of records. */
record KnowledgeSettings(RedactionPolicy redaction, List<Limit> limits) {
    private static final Option<Treatment> PARAMETERS =
            treatment("bindParameters", "Values of bind parameters in DETAIL and CONTEXT and in plans.");
    private static final Option<Treatment> LITERALS = treatment(
            "statementLiterals",
            "Literals, numbers and comments of statements, wherever a statement stands; plans of `auto_explain` that are"
                    + " not JSON, which cannot be told apart.");
    private static final Option<Treatment> TABLE_DATA = treatment(
            "tableData",
            "Values of rows: keys that exist, failing rows, lines of COPY, texts that are not of a type, and what"
                    + " functions RAISE.");
    private static final Option<Treatment> UNPARSED = treatment(
            "unparsedRecords",
            "The bytes of records that cannot be understood; of redacted ones length and SHA-256 are stored. Kept ones hold"
                    + " whatever they held, credentials too.");
    private static final Option<List<Limit>> EVENT_LIMITS = Options.<List<Limit>>of(
                    "eventLimits",
                    "a list of limits such as connection_received=10/s (records stored of each second) or duration=5%",
                    "Events of which not all records are stored. The others are counted in"
                            + " `pgpod_log_omitted_records_total`; events that are not named are always stored.",
                    KnowledgeSettings::limits)
            .withDefault("");

    /** All options of the section that belong here. */
    static final List<Option<?>> OPTIONS = List.of(PARAMETERS, LITERALS, TABLE_DATA, UNPARSED, EVENT_LIMITS);

    private static Option<Treatment> treatment(String key, String what) {
        return Options.choice(key, Treatment.class, what).withDefault("redact");
    }

    private static List<Limit> limits(String text) {
        return java.util.Arrays.stream(text.split("[,\n]", -1))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .map(Limit::parse)
                .toList();
    }

    static KnowledgeSettings from(Values values) {
        return new KnowledgeSettings(
                new RedactionPolicy(
                        values.get(PARAMETERS), values.get(LITERALS), values.get(TABLE_DATA), values.get(UNPARSED)),
                values.get(EVENT_LIMITS));
    }
}

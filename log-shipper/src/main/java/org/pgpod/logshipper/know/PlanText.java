package org.pgpod.logshipper.know;

import static org.pgpod.logshipper.know.Credentials.REDACTED;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * Plans of {@code auto_explain} in JSON. Expressions in them lose their literals as statements do; only values of keys that
 * are known to hold names or fixed words stay as they are.
 */
final class PlanText {
    private static final String QUERY_TEXT = "Query Text";
    private static final String PARAMETERS = "Query Parameters";
    private static final Set<String> NAMES = Set.of(
            "Node Type",
            "Relation Name",
            "Schema",
            "Alias",
            "Index Name",
            "CTE Name",
            "Function Name",
            "Tuplestore Name",
            "Table Function Name",
            "Custom Plan Provider",
            "Subplan Name",
            "Parent Relationship",
            "Join Type",
            "Strategy",
            "Partial Mode",
            "Operation",
            "Scan Direction",
            "Sort Method",
            "Sort Space Type",
            "Sort Methods Used",
            "Cache Mode",
            "Command",
            "Format",
            "Storage",
            "Trigger Name",
            "Constraint Name",
            "Relation",
            "Conflict Resolution");

    private final JsonFactory factory = new JsonFactory();
    private final RedactionPolicy policy;
    private final StatementText statements;

    PlanText(RedactionPolicy policy, StatementText statements) {
        this.policy = policy;
        this.statements = statements;
    }

    /**
     * A plan as it may be stored.
     *
     * @param json one object
     * @param query its statement, if it has one
     */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of these.
    record Plan(byte[] json, Optional<StatementText.Known> query) {}

    /** The plan; empty for what is not one JSON object. */
    Optional<Plan> of(String json) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(json.length());
        try (JsonParser parser = factory.createParser(json);
                JsonGenerator generator = factory.createGenerator(out)) {
            if (parser.nextToken() != JsonToken.START_OBJECT || json.indexOf("\\u0000") >= 0) {
                return Optional.empty();
            }
            Optional<StatementText.Known> query = copy(parser, generator);
            if (parser.nextToken() != null) {
                return Optional.empty();
            }
            generator.flush();
            return Optional.of(new Plan(out.toByteArray(), query));
        } catch (IOException notJson) {
            return Optional.empty();
        }
    }

    private Optional<StatementText.Known> copy(JsonParser parser, JsonGenerator generator) throws IOException {
        Optional<StatementText.Known> query = Optional.empty();
        String key = "";
        int depth = 0;
        for (JsonToken token = parser.currentToken(); token != null; token = parser.nextToken()) {
            if (token == JsonToken.FIELD_NAME) {
                key = parser.currentName();
                generator.writeFieldName(key);
            } else if (token == JsonToken.VALUE_STRING) {
                if (key.equals(QUERY_TEXT)) {
                    query = Optional.of(statements.of(parser.getText()));
                }
                generator.writeString(value(key, parser.getText(), query));
            } else if (token.isNumeric()) {
                generator.writeNumber(parser.getText());
            } else {
                generator.copyCurrentEvent(parser);
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            if (depth == 0) {
                return query;
            }
        }
        throw new IOException("the plan is cut");
    }

    private String value(String key, String text, Optional<StatementText.Known> query) {
        if (key.equals(PARAMETERS)) {
            return statements.parameters(
                    text, query.map(StatementText.Known::secret).orElse(false));
        }
        if (NAMES.contains(key)) {
            return text;
        }
        return policy.redactsLiterals()
                        || query.map(StatementText.Known::secret).orElse(false)
                ? statements.redacted(text)
                : statements.of(text).told();
    }

    /** What stands for a plan in another format, of which values cannot be told apart. */
    String other(String plan, boolean suspected) {
        return policy.redactsLiterals() || policy.redactsParameters() || suspected ? REDACTED : plan;
    }
}

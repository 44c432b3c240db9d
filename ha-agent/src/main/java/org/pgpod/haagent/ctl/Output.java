package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.PrintWriter;
import java.util.List;

/** Prints what people asked for, as a table or as a document for programs. */
final class Output {
    /** How results are shown. */
    public enum Format {
        TABLE,
        JSON,
        YAML
    }

    private final PrintWriter out;
    private final Format format;

    Output(PrintWriter out, Format format) {
        this.out = out;
        this.format = format;
    }

    void line(String text) {
        out.println(text);
        out.flush();
    }

    void document(JsonNode document) {
        document(document, format == Format.TABLE ? Format.YAML : format);
    }

    private void document(JsonNode document, Format as) {
        try {
            String text = as == Format.JSON
                    ? new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(document)
                    : new YAMLMapper().writeValueAsString(document).replaceFirst("^---\n", "");
            line(text.stripTrailing());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("every JSON document can be written", impossible);
        }
    }

    /** A table, or its rows as a list of objects with the headings as keys. */
    void table(String title, List<String> headings, List<List<String>> rows) {
        if (format == Format.TABLE) {
            out.print(new TextTable(title, headings, rows).render());
            out.flush();
            return;
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (List<String> row : rows) {
            ObjectNode entry = list.addObject();
            for (int column = 0; column < headings.size(); column++) {
                entry.put(headings.get(column), row.get(column));
            }
        }
        document(list);
    }

    boolean isTable() {
        return format == Format.TABLE;
    }
}

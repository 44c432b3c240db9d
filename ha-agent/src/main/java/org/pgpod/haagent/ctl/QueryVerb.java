package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.ctl.AgentClient.Refusal;

/** Runs SQL where clients of a member go, and shows the rows of its last statement. */
final class QueryVerb {
    private final AgentClient agents;
    private final Output out;

    QueryVerb(AgentClient agents, Output out) {
        this.agents = agents;
        this.out = out;
    }

    int run(QueryWish wish) throws Refusal, IOException, InterruptedException {
        JsonNode member = target(wish);
        Properties properties = new Properties();
        properties.setProperty("user", wish.user());
        properties.setProperty("sslmode", wish.sslMode());
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("ApplicationName", "pgpod ctl");
        if (wish.passwordFile().isPresent()) {
            properties.setProperty(
                    "password", new Credential(wish.passwordFile().get()).read());
        }
        wish.rootCertificate().ifPresent(file -> properties.setProperty("sslrootcert", file.toString()));
        String url = "jdbc:postgresql://" + member.path("host").asText() + ":"
                + member.path("port").asText() + "/" + wish.database();
        try (Connection connection = DriverManager.getConnection(url, properties);
                Statement statement = connection.createStatement()) {
            boolean rows = statement.execute(wish.sql());
            while (!rows && statement.getUpdateCount() >= 0) {
                rows = statement.getMoreResults();
            }
            if (rows) {
                show(AgentClient.name(member), statement.getResultSet());
            } else {
                out.line("done on " + AgentClient.name(member));
            }
            return ControlClient.DONE;
        } catch (SQLException failed) {
            throw new Refusal(AgentClient.name(member) + ": " + failed.getMessage());
        }
    }

    private JsonNode target(QueryWish wish) throws Refusal, IOException, InterruptedException {
        if (wish.member().isPresent()) {
            return agents.member(wish.member().get());
        }
        if (wish.role().equals("primary")) {
            return agents.leader();
        }
        for (JsonNode member : agents.members()) {
            if (wish.role().equals("any") || !AgentClient.isLeader(member)) {
                return member;
            }
        }
        throw new Refusal("there is no " + wish.role());
    }

    private void show(String member, ResultSet result) throws SQLException {
        ResultSetMetaData shape = result.getMetaData();
        List<String> headings = new ArrayList<>();
        for (int column = 1; column <= shape.getColumnCount(); column++) {
            headings.add(shape.getColumnLabel(column));
        }
        List<List<String>> rows = new ArrayList<>();
        while (result.next()) {
            List<String> row = new ArrayList<>();
            for (int column = 1; column <= headings.size(); column++) {
                String text = result.getString(column);
                row.add(text == null ? "" : text);
            }
            rows.add(row);
        }
        out.table(member, headings, rows);
    }
}

package org.pgpod.haagent.observe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.conf.RemoteAccess;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.RemotePort;

/**
 * Asks a server of another cluster over a connection for physical replication, which needs no more rights there than to
 * stream. A new connection for each question: whoever leads next must find none of ours.
 */
public final class RemoteReader implements RemotePort {
    /** Where all WAL begins: Postgres leaves the first segment out. */
    private static final Lsn FIRST_WAL = Lsn.parse("0/1000000");

    /** {@code READ_REPLICATION_SLOT} came with it. */
    private static final int TELLS_OF_SLOTS = 15;

    private static final Pattern SWITCH = Pattern.compile("\\s*([0-9]+)\\s+([0-9A-F]+/[0-9A-F]+).*");

    private final RemoteAccess access;

    public RemoteReader(RemoteAccess access) {
        this.access = access;
    }

    @Override
    public Reading<RemoteSighting> identify(RemotePrimary remote, Duration timeout) {
        try (Connection connection = DriverManager.getConnection(url(remote), properties(remote, timeout));
                Statement statement = connection.createStatement()) {
            return Reading.of(sighting(remote, connection, statement));
        } catch (SQLException failed) {
            return Reading.failed(remote.endpoint() + ": " + failed.getMessage() + cause(failed));
        } catch (IOException noPassword) {
            return Reading.failed(String.valueOf(noPassword.getMessage()));
        }
    }

    /** The driver keeps to itself what a certificate file lacks. */
    private static String cause(SQLException failed) {
        Throwable cause = failed.getCause();
        if (cause == null) {
            return "";
        }
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return " (" + cause.getMessage() + ")";
    }

    private static String url(RemotePrimary remote) {
        String host = remote.host().contains(":") ? "[" + remote.host() + "]" : remote.host();
        return "jdbc:postgresql://" + host + ":" + remote.port() + "/postgres";
    }

    private Properties properties(RemotePrimary remote, Duration timeout) throws IOException {
        String seconds = Long.toString(Math.max(1, timeout.toSeconds()));
        Properties properties = new Properties();
        properties.setProperty("user", remote.user());
        properties.setProperty("password", new Credential(access.credential()).read());
        properties.setProperty("replication", "true");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "13");
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("loginTimeout", seconds);
        properties.setProperty("socketTimeout", seconds);
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("ApplicationName", "ha-agent");
        properties.setProperty("sslmode", remote.security().mode());
        properties.setProperty("sslfactory", RemoteSockets.class.getName());
        access.certificateDirectory()
                .ifPresent(directory -> properties.setProperty(RemoteSockets.DIRECTORY, directory.toString()));
        return properties;
    }

    private static RemoteSighting sighting(RemotePrimary remote, Connection connection, Statement statement)
            throws SQLException {
        SystemId systemId;
        Timeline timeline;
        Lsn end;
        try (ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            if (!row.next()) {
                throw new SQLException("IDENTIFY_SYSTEM has no row");
            }
            systemId = new SystemId(row.getString("systemid"));
            timeline = new Timeline(row.getInt("timeline"));
            end = Lsn.parse(row.getString("xlogpos"));
        }
        return new RemoteSighting(
                remote,
                systemId,
                timeline,
                end,
                branches(statement, timeline),
                remote.slot().isPresent() && connection.getMetaData().getDatabaseMajorVersion() >= TELLS_OF_SLOTS
                        ? Optional.of(hasSlot(statement, remote.slot().get()))
                        : Optional.empty());
    }

    private static boolean hasSlot(Statement statement, String slot) throws SQLException {
        try (ResultSet row = statement.executeQuery("READ_REPLICATION_SLOT \"" + slot + "\"")) {
            return row.next() && row.getString("slot_type") != null;
        }
    }

    private static List<RemoteSighting.Branch> branches(Statement statement, Timeline present) throws SQLException {
        if (present.id() == 1) {
            return List.of(new RemoteSighting.Branch(present, FIRST_WAL));
        }
        try (ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + present.id())) {
            if (!row.next()) {
                throw new SQLException("TIMELINE_HISTORY has no row");
            }
            return branches(new String(row.getBytes("content"), StandardCharsets.UTF_8), present);
        }
    }

    /** Each line of a history file tells where a timeline ended, which is where the next one in the file began. */
    static List<RemoteSighting.Branch> branches(String history, Timeline present) {
        List<RemoteSighting.Branch> branches = new ArrayList<>();
        Lsn start = FIRST_WAL;
        for (String line : history.split("\n", -1)) {
            Matcher matcher = SWITCH.matcher(line);
            if (matcher.matches()) {
                branches.add(new RemoteSighting.Branch(new Timeline(Integer.parseInt(matcher.group(1))), start));
                start = Lsn.parse(matcher.group(2));
            }
        }
        branches.add(new RemoteSighting.Branch(present, start));
        return branches;
    }
}

package org.pgpod.image.bench;

import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;

/** How every client of a benchmark connects: pgjdbc, which tries the hosts in turn. */
final class HostList {
    static final int PORT = 5432;

    private HostList() {}

    static String url(List<String> addresses) {
        return addresses.stream()
                .map(address -> address + ":" + PORT)
                .collect(Collectors.joining(",", "jdbc:postgresql://", "/postgres"));
    }

    /**
     * Without any password.
     *
     * @param wanted {@code primary} or {@code any}
     */
    static Properties properties(String wanted) {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("targetServerType", wanted);
        properties.setProperty("hostRecheckSeconds", "0");
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("loginTimeout", "3");
        properties.setProperty("socketTimeout", "10");
        return properties;
    }
}

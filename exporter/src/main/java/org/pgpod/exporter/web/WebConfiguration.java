package org.pgpod.exporter.web;

import java.util.Map;
import java.util.Optional;

/**
 * One state of a web configuration file.
 *
 * @param tls empty for plain HTTP
 * @param users hashes of passwords by user name; empty to ask for none
 * @param headers what every answer bears
 */
record WebConfiguration(Optional<TlsSettings> tls, Map<String, String> users, Map<String, String> headers) {
    static final WebConfiguration OPEN = new WebConfiguration(Optional.empty(), Map.of(), Map.of());

    WebConfiguration {
        users = Map.copyOf(users);
        headers = Map.copyOf(headers);
    }

    @Override
    public String toString() {
        return "WebConfiguration[tls=" + tls + ", users=" + users.keySet() + ", headers=" + headers + "]";
    }
}

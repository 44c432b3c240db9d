package org.pgpod.exporter.collect;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.pgpod.exporter.model.ExpositionFormat;
import org.pgpod.exporter.model.MergeTarget;
import org.pgpod.exporter.model.SidecarPage;
import org.pgpod.exporter.model.TextFamily;
import org.pgpod.exporter.model.TextPage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the metrics of the pod's other sidecars. One that does not answer in time, or answers with something that is not
 * a page of metrics, is down, which is a value.
 */
public final class SidecarPages {
    /** A larger page is not read. */
    public static final int PAGE_BYTES_MAX = 4_194_304;

    // OpenMetrics has exemplars, which the text format lacks.
    private static final String ACCEPT =
            "application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4; q=0.5";

    private static final Logger LOG = LoggerFactory.getLogger(SidecarPages.class);

    private SidecarPages() {}

    /** The sidecar's page now, each of its series labelled with the sidecar's name. */
    public static SidecarPage read(MergeTarget target, Duration timeout) {
        try {
            return new SidecarPage(target.name(), true, get(target, Math.toIntExact(timeout.toMillis())));
        } catch (IOException | IllegalArgumentException down) {
            LOG.debug("sidecar not read sidecar={} url={}", target.name(), target.url(), down);
            return new SidecarPage(target.name(), false, List.of());
        }
    }

    private static List<TextFamily> get(MergeTarget target, int timeoutMillis) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) target.url().toURL().openConnection(Proxy.NO_PROXY);
        try {
            connection.setConnectTimeout(timeoutMillis);
            connection.setReadTimeout(timeoutMillis);
            connection.setInstanceFollowRedirects(false);
            connection.setRequestProperty("Accept", ACCEPT);
            if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                throw new IOException("status " + connection.getResponseCode());
            }
            try (InputStream body = connection.getInputStream()) {
                byte[] bytes = body.readNBytes(PAGE_BYTES_MAX + 1);
                if (bytes.length > PAGE_BYTES_MAX) {
                    throw new IOException("the page is larger than " + PAGE_BYTES_MAX + " bytes");
                }
                return TextPage.families(
                        new String(bytes, StandardCharsets.UTF_8),
                        ExpositionFormat.of(String.valueOf(connection.getContentType())),
                        target.name());
            }
        } finally {
            connection.disconnect();
        }
    }
}

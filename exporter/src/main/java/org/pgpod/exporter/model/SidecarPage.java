package org.pgpod.exporter.model;

import java.util.List;

/**
 * What another sidecar's page showed.
 *
 * @param families empty when the page could not be had
 * @param up whether it could
 */
public record SidecarPage(String sidecar, boolean up, List<TextFamily> families) {
    public SidecarPage {
        families = List.copyOf(families);
    }
}

package org.pgpod.haagent.model;

import java.time.Duration;
import java.util.List;

/**
 * Where the primary should rather be, among members that have the same WAL.
 *
 * @param zones preferred zones, the best first
 * @param delay how long a better placed member must have been steady before it is given the primary; zero for never
 */
public record PreferenceSettings(List<String> zones, Duration delay) {
    /** No zone is better than another, and a primary that serves stays. */
    public static final PreferenceSettings NONE = new PreferenceSettings(List.of(), Duration.ZERO);

    public PreferenceSettings {
        zones = List.copyOf(zones);
    }

    /** The place of a zone in the list, from 0; zones that are not in it share the last place. */
    public int rankOf(String zone) {
        int place = zones.indexOf(zone);
        return place < 0 ? zones.size() : place;
    }
}

package org.pgpod.image.pod;

import java.util.Optional;

/**
 * What the person who injects decides.
 *
 * @param image reference of the sidecar image
 * @param cluster name of the cluster; empty: the template's label {@code pgpod.org/cluster}, else the workload's name
 * @param namespace namespace for objects whose workload names none
 */
public record InjectionSettings(String image, Optional<String> cluster, Optional<String> namespace) {
    /** A reference, not a promise: images are built by {@code ./pgpod image} and pushed where the cluster finds them. */
    public static final String DEFAULT_IMAGE = "ghcr.io/pgpod/pgpod:" + Layout.VERSION;

    /** The given sidecar image; everything else from the template. */
    public static InjectionSettings ofImage(String image) {
        return new InjectionSettings(image, Optional.empty(), Optional.empty());
    }
}

/**
 * The pod template and its injection: a pure function from a pod template with one Postgres container to the same
 * template with pgpod's sidecars, the objects a cluster needs beside its pods, and the commands that offer both.
 *
 * <p>Floors, arrows pointing down: {@code InjectCommand}, {@code PrepareCommand} (files and streams) over
 * {@code Injector} (which object, which outcome) over {@code Examination} (reads a template) and {@code PodAssembly}
 * (writes one) over the definitions {@code PodContainers}, {@code PodVolumes}, {@code ClusterObjects}.
 */
@NullMarked
package org.pgpod.image.pod;

import org.jspecify.annotations.NullMarked;

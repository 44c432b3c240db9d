package org.pgpod.haagent.model;

/**
 * What Kubernetes has in mind for a pod.
 *
 * @param leaving it is being deleted or evicted, which is never taken back
 * @param cordoned nothing new is scheduled on its node, which often means that the node will be emptied
 */
public record PodOutlook(boolean leaving, boolean cordoned) {
    /** Nothing is known that would end the pod. */
    public static final PodOutlook CALM = new PodOutlook(false, false);
}

/**
 * The cadence of the agent: reads the world through ports, decides, carries out one action at a time, and renews and
 * fences beside all of that. It owns no thread and no clock; both come in, so that a simulator can drive it.
 */
@NullMarked
package org.pgpod.haagent.loop;

import org.jspecify.annotations.NullMarked;

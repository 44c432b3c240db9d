package org.pgpod.haagent.simulation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Work that can stand still in the middle of a call and go on later, on one thread: so a blocking port blocks its lane,
 * and no other, without any thread that the machine would schedule.
 *
 * <p>It is the continuation below the JDK's virtual threads, which the tests' JVM opens to us.
 */
final class Coroutine {
    private static final MethodHandle NEW;
    private static final MethodHandle RUN;
    private static final MethodHandle DONE;
    private static final MethodHandle YIELD;

    static {
        try {
            Class<?> scope = Class.forName("jdk.internal.vm.ContinuationScope");
            Class<?> type = Class.forName("jdk.internal.vm.Continuation");
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            Object ours = scope.getConstructor(String.class).newInstance("simulation");
            NEW = lookup.findConstructor(type, MethodType.methodType(void.class, scope, Runnable.class))
                    .bindTo(ours)
                    .asType(MethodType.methodType(Object.class, Runnable.class));
            RUN = lookup.findVirtual(type, "run", MethodType.methodType(void.class))
                    .asType(MethodType.methodType(void.class, Object.class));
            DONE = lookup.findVirtual(type, "isDone", MethodType.methodType(boolean.class))
                    .asType(MethodType.methodType(boolean.class, Object.class));
            MethodHandle yield = lookup.findStatic(type, "yield", MethodType.methodType(boolean.class, scope));
            YIELD = MethodHandles.insertArguments(yield, 0, ours).asType(MethodType.methodType(void.class));
        } catch (ReflectiveOperationException absent) {
            throw new ExceptionInInitializerError(absent);
        }
    }

    private final Object continuation;

    Coroutine(Runnable work) {
        try {
            continuation = (Object) NEW.invokeExact(work);
        } catch (Throwable surprise) {
            throw rethrown(surprise);
        }
    }

    /** Runs it until it pauses or ends; what it throws comes out here. */
    void run() {
        try {
            RUN.invokeExact(continuation);
        } catch (Throwable surprise) {
            throw rethrown(surprise);
        }
    }

    boolean isDone() {
        try {
            return (boolean) DONE.invokeExact(continuation);
        } catch (Throwable surprise) {
            throw rethrown(surprise);
        }
    }

    /** Called inside of one: stands still until it is run again. */
    static void pause() {
        try {
            YIELD.invokeExact();
        } catch (Throwable surprise) {
            throw rethrown(surprise);
        }
    }

    private static RuntimeException rethrown(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException runtime ? runtime : new IllegalStateException(thrown);
    }
}

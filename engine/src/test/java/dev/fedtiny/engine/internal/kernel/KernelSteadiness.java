package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Calls kernels until C2 has compiled them: bits stay, and allocation ends. */
final class KernelSteadiness {
    private static final int QUIET_ROUNDS = 20;
    /** Calls after which C2 has compiled a method with loops, with room; fewer where the build has scaled the JVM's thresholds down. */
    private static final int LEAST_ROUNDS = (int) (6_000 * Double.parseDouble(System.getProperty("dev.fedtiny.compileScaling", "1")));
    private static final long LIMIT_NANOS = 60_000_000_000L;

    private KernelSteadiness() {
    }

    /**
     * Runs the cases in turn until C2 has compiled them: the bits of the first and of the last round must be the same, and the reference's.
     */
    static <K> void assertSteady(List<KernelCase<K>> cases, K kernel, K reference) {
        long[][] first = new long[cases.size()][];
        for (int i = 0; i < first.length; i++) {
            cases.get(i).run(reference);
            first[i] = cases.get(i).bits();
            cases.get(i).run(kernel);
            assertArrayEquals(first[i], cases.get(i).bits(), cases.get(i).name() + ": first run");
        }
        for (int round = 0; round < LEAST_ROUNDS; round++) {
            run(cases, kernel);
        }
        for (int i = 0; i < first.length; i++) {
            cases.get(i).run(kernel);
            assertArrayEquals(first[i], cases.get(i).bits(), cases.get(i).name() + ": bits changed while it was compiled");
        }
    }

    private static <K> void run(List<KernelCase<K>> cases, K kernel) {
        for (int i = 0; i < cases.size(); i++) {
            cases.get(i).run(kernel);
        }
    }

    /**
     * Runs the cases in turn until twenty rounds in a row have allocated nothing, within a time limit. What C2 inlines into this loop is
     * not what it inlines into a session, so this is a test to run by hand; that a training step allocates nothing is held by the
     * session's.
     */
    static <K> void assertAllocatesNothing(List<KernelCase<K>> cases, K kernel) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long start = System.nanoTime();
        int quiet = 0;
        int rounds = 0;
        long bytes = 0;
        while (quiet < QUIET_ROUNDS && System.nanoTime() - start < LIMIT_NANOS) {
            long before = threads.getCurrentThreadAllocatedBytes();
            run(cases, kernel);
            bytes = threads.getCurrentThreadAllocatedBytes() - before;
            quiet = bytes == 0 ? quiet + 1 : 0;
            rounds++;
        }
        assertTrue(quiet >= QUIET_ROUNDS, "after " + rounds + " rounds of " + cases.get(0).name() + " and others a round still allocates "
                + bytes + " bytes");
    }
}

package dev.fedtiny.engine.measure;

import dev.fedtiny.engine.runtime.Workers;
import java.lang.management.ManagementFactory;

/** Processor time and allocation of the threads of a team, as the JVM counts them; zeros where it does not. Reading allocates nothing. */
final class TeamClock {
    private final com.sun.management.ThreadMXBean threads;
    private final boolean cpu;
    private final boolean allocation;
    /** Threads of the team but the caller, which may be another at each step. */
    private final long[] others;

    TeamClock(Workers workers) {
        threads = ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean bean ? bean : null;
        cpu = threads != null && threads.isThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled();
        allocation = threads != null && threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled();
        long[] ids = new long[workers.count()];
        workers.run((worker, count) -> ids[worker] = Thread.currentThread().threadId());
        others = java.util.Arrays.copyOfRange(ids, 1, ids.length);
    }

    boolean tellsCpu() {
        return cpu;
    }

    /** Of the calling thread and the other workers, since each began. */
    long cpuNanos() {
        if (!cpu) {
            return 0;
        }
        long nanos = threads.getCurrentThreadCpuTime();
        for (long id : others) {
            nanos += threads.getThreadCpuTime(id);
        }
        return nanos;
    }

    long allocatedByThisThread() {
        return allocation ? threads.getCurrentThreadAllocatedBytes() : 0;
    }
}

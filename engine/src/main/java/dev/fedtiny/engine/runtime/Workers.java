package dev.fedtiny.engine.runtime;

import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads that runs one task after another: the caller is worker 0, the others spin briefly for the next
 * task and then park. Starting and joining a task allocates nothing. One caller at a time; results never depend on
 * the number of threads, because tasks split what they own and not how it is summed.
 */
public final class Workers implements AutoCloseable {
    /** A part of a parallel step. */
    public interface Task {
        /**
         * Does the share of one worker.
         *
         * @param worker 0 … workers − 1
         * @param workers how many share the work
         */
        void run(int worker, int workers);
    }

    /** Polls before a waiting thread parks: some tens of microseconds, the length of a short operator. */
    private static final int SPINS = 20_000;

    /** With more threads than processors, a spinning thread only keeps another from working. */
    private final int spinLimit;

    private final int count;
    private final Thread[] threads;
    private volatile Task task;
    private volatile int generation;
    private volatile boolean closed;
    /** One finished generation a worker, a cache line apart. */
    private final java.util.concurrent.atomic.AtomicIntegerArray finished;
    private volatile Throwable failure;
    private volatile Thread waiter;

    private Workers(int count) {
        this.count = count;
        this.spinLimit = count <= Runtime.getRuntime().availableProcessors() ? SPINS : 0;
        this.threads = new Thread[count - 1];
        this.finished = new java.util.concurrent.atomic.AtomicIntegerArray(count * 16);
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Member(i + 1);
            threads[i].start();
        }
    }

    /**
     * A team of {@code threads}, the caller included.
     *
     * @throws IllegalArgumentException if {@code threads} is not in [1, 1024]
     */
    public static Workers of(int threads) {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("workers: " + threads + " threads, must be in [1, 1024]");
        }
        return new Workers(threads);
    }

    /** A thread of one team. */
    private final class Member extends Thread {
        final int worker;

        Member(int worker) {
            super(null, () -> loop(worker), "fedtiny-worker-" + worker);
            this.worker = worker;
            setDaemon(true);
        }

        Workers team() {
            return Workers.this;
        }
    }

    /** Which worker the calling thread is: what a running task got as its number; 0 for every thread outside the team. */
    public int current() {
        return Thread.currentThread() instanceof Member member && member.team() == this ? member.worker : 0;
    }

    /** How many threads share a task. */
    public int count() {
        return count;
    }

    /**
     * Runs every worker's share and returns when all are done.
     *
     * @throws IllegalStateException if a share failed (its exception is the cause) or the team is closed
     * @throws OutOfMemoryError if that is what a share failed with: callers who look for it find it as with one thread
     */
    public void run(Task next) {
        if (closed) {
            throw new IllegalStateException("workers: the team is closed");
        }
        if (count == 1) {
            next.run(0, 1);
            return;
        }
        task = next;
        int target = generation + 1;
        generation = target;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
        Throwable own = null;
        try {
            next.run(0, count);
        } catch (RuntimeException | Error e) {
            own = e;
        }
        await(target);
        task = null;
        Throwable other = failure;
        failure = null;
        Throwable first = own != null ? own : other;
        if (first instanceof OutOfMemoryError memory) {
            throw memory;
        }
        if (first != null) {
            throw new IllegalStateException("a parallel step failed: " + first.getMessage(), first);
        }
    }

    /**
     * Lets a member of the team, in whose task it waits for another one, wait a moment: spins at first, then parks for 50 µs.
     *
     * @param polls how often it has looked in vain
     */
    public void pause(int polls) {
        if (polls < spinLimit) {
            Thread.onSpinWait();
        } else {
            LockSupport.parkNanos(this, 50_000);
        }
    }

    private void await(int target) {
        waiter = Thread.currentThread();
        for (int worker = 1; worker < count; worker++) {
            int polls = 0;
            while (finished.get(worker * 16) != target) {
                pause(polls++);
            }
        }
        waiter = null;
    }

    private void loop(int worker) {
        int seen = 0;
        while (true) {
            int spins = 0;
            while (generation == seen && !closed) {
                if (++spins < spinLimit) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
            }
            if (closed) {
                return;
            }
            seen = generation;
            try {
                task.run(worker, count);
            } catch (Throwable e) {
                failure = e;
            }
            finished.set(worker * 16, seen);
            LockSupport.unpark(waiter);
        }
    }

    /** Ends the threads; later calls of {@link #run} are refused. */
    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
    }
}

package dev.fedtiny.engine.runtime;

import dev.fedtiny.engine.internal.check.Given;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed team of threads that runs one task after another: the caller is worker 0, the others spin briefly for the next
 * task and then park. Starting and joining a task allocates nothing. Callers in several threads take turns, in the order in which they
 * came; a caller that has many tasks keeps the team for all of them with {@link #acquire}. A team of one has no threads of its own: every
 * caller is its worker 0, and they do not wait for each other. Results never depend on the number of threads, because tasks split what
 * they own and not how it is summed.
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

    /** The most threads of a team. */
    public static final int MOST = 1024;

    /** Polls before a waiting thread parks: some tens of microseconds, the length of a short operator. */
    private static final int SPINS = 20_000;

    /** With more threads than processors, a spinning thread only keeps another from working. */
    private final int spinLimit;

    private final int count;
    private final Thread[] threads;
    /** Held by the caller whose turn it is. */
    private final ReentrantLock turn = new ReentrantLock(true);
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
        }
        try {
            for (Thread thread : threads) {
                thread.start();
            }
        } catch (Throwable e) {
            // Where the system has no more threads, those that run would wait for tasks as long as the process lives.
            end();
            throw e;
        }
    }

    /**
     * {@return a team of {@code threads}, the caller included}
     *
     * @param threads in all, from 1 on; one thread is the caller alone
     * @throws IllegalArgumentException if {@code threads} is not in [1, {@value #MOST}]
     */
    public static Workers of(int threads) {
        if (threads < 1 || threads > MOST) {
            throw new IllegalArgumentException("workers: " + threads + " threads, must be in [1, " + MOST + "]");
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

    /** {@return which worker the calling thread is: what a running task got as its number; 0 for every thread outside the team} */
    public int current() {
        return Thread.currentThread() instanceof Member member && member.team() == this ? member.worker : 0;
    }

    /** {@return how many threads share a task} */
    public int count() {
        return count;
    }

    /**
     * Waits until no other caller has the team, and keeps it until as many calls of {@link #release}: tasks that follow on each other then
     * run without another caller's between them. An interrupt does not end the wait; the thread stays interrupted.
     *
     * @throws IllegalStateException if the calling thread is at work on one of the team's own tasks, which would wait for itself
     */
    public void acquire() {
        if (count > 1) {
            if (inTask()) {
                throw new IllegalStateException("workers: a task asks the team for work that it is itself a part of, and would wait for "
                        + "itself; give what runs inside a task other workers, for example Workers.of(1)");
            }
            turn.lock();
        }
    }

    /**
     * Gives back what {@link #acquire} took.
     *
     * @throws IllegalStateException if the calling thread has not acquired the team; a team of one is nobody's, and does not tell
     */
    public void release() {
        if (count > 1) {
            if (!turn.isHeldByCurrentThread()) {
                throw new IllegalStateException("workers: thread '" + Thread.currentThread().getName() + "' releases a team that it has "
                        + "not acquired; call release once for each acquire, in the same thread");
            }
            turn.unlock();
        }
    }

    /** Whether the calling thread is at work on a task of this team. */
    private boolean inTask() {
        return Thread.currentThread() instanceof Member member && member.team() == this || turn.isHeldByCurrentThread() && task != null;
    }

    /**
     * Runs every worker's share and returns when all are done. Where other threads' tasks are running, waits for them first. An interrupt
     * does not end the work; the thread stays interrupted.
     *
     * @param next a worker's share, called once on every worker with its number and how many they are
     * @throws IllegalStateException if a share failed (its exception is the cause), the team is closed, or the caller is at work on a task
     *     of the team
     * @throws OutOfMemoryError if that is what a share failed with: callers who look for it find it as with one thread
     */
    public void run(Task next) {
        Given.notNull(next, "workers: task", "what every worker does");
        acquire();
        try {
            if (closed) {
                throw new IllegalStateException("workers: the team is closed; run tasks before close(), or make another team");
            }
            if (count == 1) {
                next.run(0, 1);
            } else {
                share(next);
            }
        } finally {
            release();
        }
    }

    private void share(Task next) {
        task = next;
        int target = generation + 1;
        generation = target;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
        Throwable own = null;
        try {
            next.run(0, count);
        } catch (Throwable e) {
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
     * Lets a member of the team, in whose task it waits for another one, wait a moment: spins at first, then parks for 50 µs, or, where
     * the thread is interrupted and cannot park, lets others run.
     *
     * @param polls how often it has looked without success
     */
    public void pause(int polls) {
        if (polls < spinLimit) {
            Thread.onSpinWait();
        } else if (Thread.currentThread().isInterrupted()) {
            Thread.yield();
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
                    // An interrupt, which only a task can have caused, would keep it from parking.
                    Thread.interrupted();
                }
            }
            if (generation == seen) {
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

    /**
     * Ends the threads; later calls of {@link #run} are refused. Waits for the caller whose turn it is; called from within a task, lets
     * that task end first.
     */
    @Override
    public void close() {
        if (count == 1 || inTask()) {
            end();
            return;
        }
        turn.lock();
        try {
            end();
        } finally {
            turn.unlock();
        }
    }

    private void end() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
    }
}

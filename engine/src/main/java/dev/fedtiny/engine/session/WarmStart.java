package dev.fedtiny.engine.session;

import dev.fedtiny.engine.internal.kernel.registry.KernelSwitch;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.tensor.Layout;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The first answers of a process. Vector kernels are fast once C2 has compiled them and slow before, so sessions for few images answer with
 * scalar kernels, which give the same bits, while a thread in the background runs the same passes with vector kernels on a session of its
 * own that shares the weights. As soon as its passes are the faster ones, all compute with vectors, and the thread ends.
 *
 * <p>It happens once a process, for the sessions that are open until then. A session that trains, or takes large batches, ends it: such
 * work compiles vector kernels fastest by itself.
 */
final class WarmStart {
    /** Answers in which the JVM compiles scalar kernels, which vector kernels would only keep it from. */
    private static final int FIRST_ANSWERS = 10;
    /** The thread begins earlier where nobody has asked for an answer for so long. */
    private static final long IDLE_NANOS = 100_000_000;
    /** A pass that is faster so often is no accident. */
    private static final int FASTER_PASSES = 2;
    /** Passes after which vector kernels compute even where they do not seem to become the faster ones. */
    private static final int MOST_PASSES = 200;

    private static final Queue<WarmStart> WAITING = new ArrayDeque<>();
    private static boolean begun;
    private static boolean settled;

    private final Session session;
    /** Passes of the session itself: nanoseconds of all threads in the fastest one. */
    private volatile long scalarNanos = Long.MAX_VALUE;
    private boolean computing;
    private int answers;
    /** When the last answer was given, or the session opened. */
    private long idleSince = System.nanoTime();

    private WarmStart(Session session) {
        this.session = session;
    }

    /** What a session that is being opened has to do with it; null where it computes with what there is. */
    static synchronized WarmStart of(Session session, Mode mode, int batch) {
        if (settled || !KernelSwitch.available()) {
            return null;
        }
        if (mode != Mode.INFERENCE || batch > Layout.LANES) {
            settle();
            return null;
        }
        WarmStart start = new WarmStart(session);
        if (begun) {
            WAITING.add(start);
            return start;
        }
        begun = true;
        Thread thread = new Thread(() -> warmAll(start), "fedtiny-warm-start");
        thread.setDaemon(true);
        thread.setPriority(Thread.MIN_PRIORITY);
        KernelSwitch.warmBy(thread);
        thread.start();
        return start;
    }

    /** The session is closed: unless the thread is at it already, nobody needs its kernels, and it would only be held. */
    void forget() {
        synchronized (WarmStart.class) {
            WAITING.remove(this);
        }
    }

    private static void settle() {
        settled = true;
        WAITING.clear();
        KernelSwitch.warmBy(null);
        WarmStart.class.notifyAll();
    }

    /** Whether all threads compute with vectors. */
    static synchronized boolean isSettled() {
        return settled;
    }

    private static synchronized WarmStart next() {
        WarmStart next = WAITING.poll();
        if (next == null) {
            settle();
        }
        return next;
    }

    private static void warmAll(WarmStart first) {
        try {
            for (WarmStart next = first; next != null; next = next()) {
                next.warm();
            }
        } finally {
            // Whatever ended it: nobody may wait for a thread that is no more.
            end();
        }
    }

    private static synchronized void end() {
        settle();
    }

    /** Waits until all threads compute with vectors, without waiting for answers. An interrupt ends the wait. */
    void await() throws InterruptedException {
        synchronized (this) {
            answers = FIRST_ANSWERS;
            notifyAll();
        }
        synchronized (WarmStart.class) {
            while (!settled) {
                WarmStart.class.wait();
            }
        }
    }

    /** The session begins a pass. */
    synchronized long begin() {
        computing = true;
        return System.nanoTime();
    }

    /** The session has ended the pass that began then. */
    synchronized void end(long begin, int threads) {
        scalarNanos = Math.min(scalarNanos, (System.nanoTime() - begin) * threads);
        computing = false;
        answers++;
        idleSince = System.nanoTime();
        notifyAll();
    }

    /** Answers that somebody waits for are not to be slowed down by what makes later ones faster. */
    private synchronized void awaitFirstAnswers() throws InterruptedException {
        while (answers < FIRST_ANSWERS) {
            long left = computing ? IDLE_NANOS : idleSince + IDLE_NANOS - System.nanoTime();
            if (left <= 0) {
                return;
            }
            wait(Math.max(1, left / 1_000_000));
        }
    }

    private void warm() {
        try {
            awaitFirstAnswers();
            Session twin = session.warmingTwin();
            PassTimes times = new PassTimes();
            int faster = 0;
            for (int pass = 0; pass < MOST_PASSES && !isSettled() && faster < FASTER_PASSES; pass++) {
                long nanos = times.run(twin);
                boolean unknown = scalarNanos == Long.MAX_VALUE;
                faster = unknown ? times.steady() ? FASTER_PASSES : 0 : nanos < scalarNanos ? faster + 1 : 0;
            }
        } catch (InterruptedException | RuntimeException | OutOfMemoryError e) {
            // Another load of the session's weights under way, or no memory for a second session: the next answers compile the kernels.
            return;
        }
    }
}

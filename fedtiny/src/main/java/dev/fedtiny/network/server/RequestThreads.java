package dev.fedtiny.network.server;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A virtual thread a request, and a limit on how long the other side may keep it waiting: for the handshake and the headers together, for
 * the body, and for the answer to be taken. A thread that waits for longer is interrupted, which closes the channel under it; to close the
 * connection from another thread would wait for the other side, too. Thread-safe.
 */
final class RequestThreads implements Executor, Closeable {
    private final Duration headersWithin;
    private final ScheduledThreadPoolExecutor clock =
            new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("fedtiny-deadlines").factory());
    /** Threads that are alive, with the limit on their headers. */
    private final Map<Thread, Future<?>> alive = new ConcurrentHashMap<>();
    private volatile boolean closed;

    RequestThreads(Duration headersWithin) {
        this.headersWithin = headersWithin;
        clock.setRemoveOnCancelPolicy(true);
    }

    @Override
    public void execute(Runnable request) {
        if (closed) {
            throw new RejectedExecutionException("the server is ending");
        }
        Thread.ofVirtual().name("fedtiny-request").start(() -> {
            Thread thread = Thread.currentThread();
            try {
                alive.put(thread, limit(thread, headersWithin));
                request.run();
            } catch (RejectedExecutionException e) {
                // The server has ended meanwhile.
            } finally {
                Future<?> headers = alive.remove(thread);
                if (headers != null) {
                    headers.cancel(false);
                }
            }
        });
    }

    private Future<?> limit(Thread thread, Duration within) {
        return clock.schedule(thread::interrupt, within.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The headers of this thread's request are here. */
    void headersArrived() {
        Future<?> headers = alive.get(Thread.currentThread());
        if (headers != null) {
            headers.cancel(false);
        }
    }

    /** Waits for the other side. */
    @FunctionalInterface
    interface Waiting {
        void run() throws IOException;
    }

    /**
     * Does something that waits for the other side.
     *
     * @throws IOException if it took too long, among other things
     */
    void within(Duration limit, Waiting waiting) throws IOException {
        Future<?> deadline = limit(Thread.currentThread(), limit);
        try {
            waiting.run();
        } finally {
            deadline.cancel(false);
        }
    }

    /** Interrupts all. */
    @Override
    public void close() {
        closed = true;
        clock.shutdownNow();
        alive.keySet().forEach(Thread::interrupt);
    }
}

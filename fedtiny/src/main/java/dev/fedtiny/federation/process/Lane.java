package dev.fedtiny.federation.process;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A processor's turn to compute, or that of several where it is all the same which: one device has one at a time. A device whose process
 * uses no processor any more, because it hangs or was stopped, loses it to the next, and goes on being waited for. Thread-safe.
 */
final class Lane {
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    /** In succession: a process at work always uses its processor for longer than a collection or a page takes. */
    private static final int IDLE_LOOKS = 4;
    /** Of the wall time: the threads of a virtual machine that does nothing take less. */
    private static final double IDLE_SHARE = 0.02;

    private final Semaphore free;
    private final ScheduledExecutorService clock;

    /** Of so many processors. */
    Lane(ScheduledExecutorService clock, int processors) {
        this.clock = clock;
        this.free = new Semaphore(processors, true);
    }

    /** Waits for a processor. */
    Hold enter() throws InterruptedException {
        free.acquire();
        return new Hold();
    }

    /** The processor's time that a process has used so far; empty where the system does not tell. */
    private static Optional<Duration> used(long processId) {
        return ProcessHandle.of(processId).flatMap(process -> process.info().totalCpuDuration());
    }

    /** The processor, until it is closed or lost. */
    final class Hold implements AutoCloseable {
        private final AtomicBoolean held = new AtomicBoolean(true);
        private ScheduledFuture<?> watch;
        private Duration before;
        private int idle;

        /** Begins to look whether a process uses the processor. */
        void watch(long processId) {
            before = used(processId).orElse(null);
            if (before != null) {
                watch = clock.scheduleAtFixedRate(() -> look(processId), LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(),
                        TimeUnit.MILLISECONDS);
            }
        }

        private void look(long processId) {
            Optional<Duration> now = used(processId);
            if (now.isEmpty()) {
                // It has ended; its connection says so.
                return;
            }
            idle = now.get().minus(before).toNanos() < IDLE_SHARE * LOOK_EVERY.toNanos() ? idle + 1 : 0;
            before = now.get();
            if (idle == IDLE_LOOKS) {
                leave();
            }
        }

        /** No longer looks: the process has done its work. */
        void done() {
            if (watch != null) {
                watch.cancel(false);
            }
        }

        private void leave() {
            if (held.compareAndSet(true, false)) {
                free.release();
            }
        }

        @Override
        public void close() {
            done();
            leave();
        }
    }
}

package dev.fedtiny.device;

import java.util.concurrent.CancellationException;

/**
 * Where work on samples may end before its end: between two batches, if it was called off or its thread is interrupted. What the work has
 * changed until then stays as it is. Any thread may call off.
 */
public final class Cancellation {
    private volatile boolean called;

    /** Of work that goes on until it is called off. */
    Cancellation() {
    }

    /** The work that is under way ends before its next batch; what begins later is not meant. */
    public void call() {
        called = true;
    }

    /** Other work begins. */
    void begin() {
        called = false;
    }

    /**
     * To be asked before a batch.
     *
     * @throws CancellationException if the work is to end; an interrupt stays set
     */
    void check() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("interrupted between two batches");
        }
        if (called) {
            throw new CancellationException("called off between two batches");
        }
    }
}

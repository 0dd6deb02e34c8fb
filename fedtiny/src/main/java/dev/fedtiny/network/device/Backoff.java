package dev.fedtiny.network.device;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses between attempts: each about twice the one before, up to a minute, spread so that many devices do not come back at once. */
final class Backoff {
    private static final long FIRST_MILLIS = 200;
    private static final long LONGEST_MILLIS = 60_000;

    private final long patienceNanos;
    private final long since = System.nanoTime();
    private long next = FIRST_MILLIS;

    /** Gives up after some time without success. */
    Backoff(Duration patience) {
        this.patienceNanos = patience.toNanos();
    }

    /**
     * Waits before the next attempt.
     *
     * @param failure of the last one
     * @param atLeastSeconds as the server wished
     * @throws IOException the failure, where there was no success for too long
     */
    void pause(IOException failure, int atLeastSeconds) throws IOException {
        if (System.nanoTime() - since > patienceNanos) {
            throw failure;
        }
        long millis = Math.max(1000L * atLeastSeconds, next / 2 + ThreadLocalRandom.current().nextLong(next / 2 + 1));
        next = Math.min(LONGEST_MILLIS, 2 * next);
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while it waited for the server");
            interrupted.initCause(failure);
            throw interrupted;
        }
    }
}

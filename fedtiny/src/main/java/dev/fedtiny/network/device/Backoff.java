package dev.fedtiny.network.device;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses between attempts: each about twice the one before, up to a minute, spread so that many devices do not come back at once. */
final class Backoff {
    private static final long FIRST_MILLIS = 200;
    private static final long LONGEST_MILLIS = 60_000;
    private static final Duration ENDLESS = Duration.ofNanos(Long.MAX_VALUE);

    private final long patienceNanos;
    private final long since = System.nanoTime();
    private long next = FIRST_MILLIS;

    /** Gives up after some time without success; never where that is longer than clocks count. */
    Backoff(Duration patience) {
        this.patienceNanos = patience.compareTo(ENDLESS) < 0 ? patience.toNanos() : Long.MAX_VALUE;
    }

    /** Never gives up. */
    static Backoff endless() {
        return new Backoff(ENDLESS);
    }

    /**
     * Waits before the next attempt.
     *
     * @param failure of the last one
     * @param atLeastSeconds as the server wished
     * @throws OutOfPatienceException with the failure, where there was no success for too long
     * @throws InterruptedIOException if the thread is interrupted
     */
    void pause(IOException failure, int atLeastSeconds) throws IOException {
        if (System.nanoTime() - since > patienceNanos) {
            throw new OutOfPatienceException(failure);
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

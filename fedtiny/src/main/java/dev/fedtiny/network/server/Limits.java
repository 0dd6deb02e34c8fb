package dev.fedtiny.network.server;

import java.time.Duration;

/**
 * What one device, one address and all together may use of a server, and for how long. None of it decides what a run computes.
 *
 * @param chunkBytes the most bytes of an answer that one request may carry
 * @param headersWithin wall time for the handshake and the headers of one request
 * @param bodyWithin wall time for the body of one request
 * @param answerWithin wall time in which an answer must be taken
 * @param uploadsAtOnce requests with a part of an answer that are read at the same time; others wait 25 s or as long as a poll, whichever
 *     is shorter, then are told to come back (429)
 * @param poll how long the server waits for work before it answers that there is none; below the minute after which proxies give up
 * @param beat how often a device that works says so
 * @param silence after how long without a word a device counts as gone
 * @param session how long a bearer is good
 * @param clockSkew how far the time of a signature may be from the server's
 * @param knocksPerSecond unauthenticated requests an address may make in the long run; ten times as many at once
 */
public record Limits(int chunkBytes, Duration headersWithin, Duration bodyWithin, Duration answerWithin, int uploadsAtOnce, Duration poll,
        Duration beat, Duration silence, Duration session, Duration clockSkew, int knocksPerSecond) {
    /** For devices on ordinary lines. */
    public static final Limits USUAL = new Limits(4 << 20, Duration.ofSeconds(30), Duration.ofSeconds(120), Duration.ofMinutes(15), 64,
            Duration.ofSeconds(50), Duration.ofSeconds(30), Duration.ofSeconds(90), Duration.ofHours(1), Duration.ofMinutes(5), 50);

    /** Checks the ranges. */
    public Limits {
        if (chunkBytes < 1 || uploadsAtOnce < 1 || knocksPerSecond < 1) {
            throw new IllegalArgumentException("limits: chunks of " + chunkBytes + " bytes, " + uploadsAtOnce + " uploads at once and "
                    + knocksPerSecond + " knocks a second must be at least 1");
        }
        if (!headersWithin.isPositive() || !bodyWithin.isPositive() || !answerWithin.isPositive() || poll.isNegative()
                || !beat.isPositive() || silence.compareTo(beat.multipliedBy(2)) < 0
                || !session.isPositive() || !clockSkew.isPositive()) {
            throw new IllegalArgumentException("limits: times must be positive, and the silence " + silence + " at least twice the beat "
                    + beat);
        }
    }
}

package dev.fedtiny.federation.process;

import dev.fedtiny.protocol.MessageKind;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * How long a device may take over one request. Work has the time that the user gives; to say who one is, or that one is ready, takes no
 * work. In the middle of a frame nothing is computed, so silence there is no work either.
 *
 * @param within wall time from the first byte of the request to the last of the answer
 * @param silence the longest time without a byte once an answer has begun
 * @param work whether the request asks for work
 */
record TurnLimit(Duration within, Duration silence, boolean work) {
    static TurnLimit of(MessageKind kind, ProcessFleet.Rules rules) {
        boolean work = switch (kind) {
            case WELCOME, RESTORE, FINISH, MEASURE -> false;
            default -> true;
        };
        Duration shorter = rules.readyWithin().compareTo(rules.answerWithin()) < 0 ? rules.readyWithin() : rules.answerWithin();
        return new TurnLimit(work ? rules.answerWithin() : shorter, shorter, work);
    }

    int silenceMillis() {
        return Math.clamp(silence.toMillis(), 1, Integer.MAX_VALUE);
    }

    /** The limit in words. */
    String words() {
        return within.toSeconds() + " s" + (work ? " (device-timeout)" : ", though it had no work to do");
    }

    /** Begins to count: a connection that is late is closed. */
    Running start(ScheduledExecutorService deadlines, FrameConnection connection) {
        return new Running(deadlines, connection, within);
    }

    /** A limit that is being counted; closing it ends that. */
    static final class Running implements AutoCloseable {
        private final ScheduledFuture<?> end;
        private volatile boolean late;

        private Running(ScheduledExecutorService deadlines, FrameConnection connection, Duration within) {
            end = deadlines.schedule(() -> {
                late = true;
                connection.close();
            }, within.toMillis(), TimeUnit.MILLISECONDS);
        }

        /** Whether time was up. */
        boolean late() {
            return late;
        }

        @Override
        public void close() {
            end.cancel(false);
        }
    }
}

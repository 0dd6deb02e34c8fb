package dev.fedtiny.protocol;

import java.util.Optional;

/** What a frame holds; the code is its type byte. */
public enum MessageKind {
    /** {@link Welcome}. */
    WELCOME(1, Direction.DOWN),
    /** {@link Restore}. */
    RESTORE(2, Direction.DOWN),
    /** {@link CandidatePoolMessage}. */
    POOL(3, Direction.DOWN),
    /** {@link CandidateStatistics}. */
    CANDIDATE_STATISTICS(4, Direction.DOWN),
    /** {@link Train}. */
    TRAIN(5, Direction.DOWN),
    /** {@link Finish}. */
    FINISH(6, Direction.DOWN),
    /** Asks a metered process for what it measured. */
    MEASURE(7, Direction.DOWN),
    /** Answers a {@link Join}: the connection is the device's now. */
    JOINED(8, Direction.DOWN),
    /** {@link Hello}. */
    HELLO(65, Direction.UP),
    /** {@link Ready}. */
    READY(66, Direction.UP),
    /** {@link Statistics}. */
    STATISTICS(67, Direction.UP),
    /** {@link Evaluation}. */
    EVALUATION(68, Direction.UP),
    /** {@link Update}. */
    UPDATE(69, Direction.UP),
    /** {@link Failure}. */
    FAILURE(70, Direction.UP),
    /** {@link Join}. */
    JOIN(71, Direction.UP),
    /** What was measured. */
    MEASURED(72, Direction.UP);

    /** Which way a message travels. */
    public enum Direction {
        /** From the server to a device. */
        DOWN,
        /** From a device to the server. */
        UP
    }

    private final byte code;
    private final Direction direction;

    MessageKind(int code, Direction direction) {
        this.code = (byte) code;
        this.direction = direction;
    }

    /** The type byte. */
    public byte code() {
        return code;
    }

    /** Which way it travels. */
    public Direction direction() {
        return direction;
    }

    /** The kind of a type byte, or empty when there is none. */
    public static Optional<MessageKind> ofCode(byte code) {
        for (MessageKind kind : values()) {
            if (kind.code == code) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}

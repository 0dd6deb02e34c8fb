package dev.fedtiny.protocol;

import java.util.Optional;

/** What a frame holds; the code is its type byte. */
public enum MessageKind {
    /** {@link Welcome}. */
    WELCOME(1, Welcome::read),
    /** {@link Restore}. */
    RESTORE(2, Restore::read),
    /** {@link CandidatePoolMessage}. */
    POOL(3, CandidatePoolMessage::read),
    /** {@link CandidateStatistics}. */
    CANDIDATE_STATISTICS(4, CandidateStatistics::read),
    /** {@link Train}. */
    TRAIN(5, Train::read),
    /** {@link Finish}. */
    FINISH(6, Finish::read),
    /** Asks a metered process for what it measured. */
    MEASURE(7, Direction.DOWN),
    /** Answers a {@link Join}: the connection is the device's now. */
    JOINED(8, Direction.DOWN),
    /** {@link KeyRequest}. */
    KEY_REQUEST(9, KeyRequest::read),
    /** {@link ShareRequest}. */
    SHARE_REQUEST(10, ShareRequest::read),
    /** {@link MaskedRequest}. */
    MASKED_REQUEST(11, MaskedRequest::read),
    /** {@link UnmaskRequest}. */
    UNMASK_REQUEST(12, UnmaskRequest::read),
    /** {@link Adopt}. */
    ADOPT(32, Direction.DOWN),
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
    MEASURED(72, Direction.UP),
    /** {@link SumKeys}. */
    SUM_KEYS(73, Direction.UP),
    /** {@link SumShares}. */
    SUM_SHARES(74, Direction.UP),
    /** {@link MaskedVector}. */
    MASKED_VECTOR(75, Direction.UP),
    /** {@link SumUnmasking}. */
    SUM_UNMASKING(76, Direction.UP);

    /** Which way a message travels. */
    public enum Direction {
        /** From the server to a device. */
        DOWN,
        /** From a device to the server. */
        UP
    }

    private final byte code;
    private final Direction direction;
    /** Null where the kind is no request to a device. */
    private final RequestContext.Reader reader;

    MessageKind(int code, Direction direction) {
        this(code, direction, null);
    }

    /** A request, and what reads it. */
    MessageKind(int code, RequestContext.Reader reader) {
        this(code, Direction.DOWN, reader);
    }

    MessageKind(int code, Direction direction, RequestContext.Reader reader) {
        this.code = (byte) code;
        this.direction = direction;
        this.reader = reader;
    }

    /** {@return the type byte} */
    public byte code() {
        return code;
    }

    /** {@return which way it travels} */
    public Direction direction() {
        return direction;
    }

    /** What reads requests of this kind; empty where a device gets none. */
    Optional<RequestContext.Reader> requestReader() {
        return Optional.ofNullable(reader);
    }

    /**
     * The kind of a type byte, or empty when there is none.
     *
     * @param code of a frame's header
     * @return the kind; empty when there is none
     */
    public static Optional<MessageKind> ofCode(byte code) {
        for (MessageKind kind : values()) {
            if (kind.code == code) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}

package dev.fedtiny.protocol;

import java.util.EnumMap;
import java.util.Map;

/** Counts the frames that pass through a fleet. Thread-safe. */
public final class TrafficCounter {
    private final Map<MessageKind, Traffic.Count> counts = new EnumMap<>(MessageKind.class);

    /** An empty counter. */
    public TrafficCounter() {
    }

    /**
     * Counts one frame by the kind in its type byte; bytes that are no frame of a known kind count as a failure notice.
     *
     * @param frame of unknown origin
     */
    public synchronized void count(byte[] frame) {
        MessageKind kind = Frame.kindOf(frame).orElse(MessageKind.FAILURE);
        MessageEvent.record(kind, Frame.roundOf(frame), frame.length);
        count(kind, frame.length);
    }

    /**
     * Counts a request that is sent.
     *
     * @param request as it is sent
     */
    public synchronized void count(Request request) {
        MessageEvent.record(request.kind(), request.round(), request.frameBytes());
        count(request.kind(), request.frameBytes());
    }

    /**
     * Counts a frame that was never made.
     *
     * @param kind of the message
     * @param frameBytes how long it would have been
     */
    public synchronized void count(MessageKind kind, long frameBytes) {
        counts.merge(kind, new Traffic.Count(1, frameBytes), Traffic.Count::plus);
    }

    /** {@return what was counted so far} */
    public synchronized Traffic total() {
        return new Traffic(counts);
    }
}

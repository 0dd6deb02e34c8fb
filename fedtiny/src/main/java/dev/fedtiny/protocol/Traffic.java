package dev.fedtiny.protocol;

import dev.fedtiny.engine.measure.Exact;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Frames and bytes by kind of message: an immutable count of what really was sent and received, whole frames with header and
 * checksum.
 *
 * @param counts kinds that occurred; the others are absent
 */
public record Traffic(Map<MessageKind, Count> counts) {
    /** Nothing sent. */
    public static final Traffic NONE = new Traffic(Map.of());

    /**
     * Frames of one kind.
     *
     * @param frames how many
     * @param bytes their lengths together
     */
    public record Count(long frames, long bytes) {
        /** Checks the ranges. */
        public Count {
            if (frames < 0 || bytes < 0) {
                throw new IllegalArgumentException("traffic: " + frames + " frames of " + bytes + " bytes, expected none below 0");
            }
        }

        /** Both together. */
        Count plus(Count other) {
            return new Count(Exact.sum("frames", frames, other.frames), Exact.sum("bytes of messages", bytes, other.bytes));
        }
    }

    /** Keeps its own copy, in the order of the kinds. */
    public Traffic {
        EnumMap<MessageKind, Count> copy = new EnumMap<>(MessageKind.class);
        copy.putAll(counts);
        counts = Collections.unmodifiableMap(copy);
    }

    /**
     * Bytes of one kind.
     *
     * @param kind of message
     * @return bytes; 0 where there were none
     */
    public long bytes(MessageKind kind) {
        return counts.containsKey(kind) ? counts.get(kind).bytes() : 0;
    }

    /**
     * Frames of one kind.
     *
     * @param kind of message
     * @return how many; 0 where there were none
     */
    public long frames(MessageKind kind) {
        return counts.containsKey(kind) ? counts.get(kind).frames() : 0;
    }

    /** {@return how many bytes went from the server to devices} */
    public long bytesDown() {
        return bytes(MessageKind.Direction.DOWN);
    }

    /** {@return how many bytes went from devices to the server} */
    public long bytesUp() {
        return bytes(MessageKind.Direction.UP);
    }

    private long bytes(MessageKind.Direction direction) {
        return counts.entrySet().stream().filter(e -> e.getKey().direction() == direction).mapToLong(e -> e.getValue().bytes())
                .reduce(0, (a, b) -> Exact.sum("bytes of messages", a, b));
    }

    /**
     * Both together.
     *
     * @param other what else was sent and received
     * @return the sum
     */
    public Traffic plus(Traffic other) {
        EnumMap<MessageKind, Count> sum = new EnumMap<>(MessageKind.class);
        sum.putAll(counts);
        other.counts.forEach((kind, count) -> sum.merge(kind, count, Count::plus));
        return new Traffic(sum);
    }

    /**
     * What came since an earlier count.
     *
     * @param earlier a count of the same, made before
     * @return the difference
     */
    public Traffic since(Traffic earlier) {
        EnumMap<MessageKind, Count> rest = new EnumMap<>(MessageKind.class);
        counts.forEach((kind, count) -> {
            long frames = count.frames() - earlier.frames(kind);
            if (frames > 0) {
                rest.put(kind, new Count(frames, count.bytes() - earlier.bytes(kind)));
            }
        });
        return new Traffic(rest);
    }
}

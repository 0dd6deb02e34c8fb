package dev.fedtiny.protocol;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.List;
import java.util.function.Supplier;

/**
 * Where a message writes its payload, little-endian. There are two: {@link FrameWriter} makes the bytes of a frame, {@link ByteCounter}
 * only counts them, so that the length of a message is told by the very code that writes it.
 */
public interface PayloadWriter {
    /**
     * One byte, the low one of {@code value}.
     *
     * @param value 0 to 255, or -128 to 127
     * @return this
     */
    PayloadWriter int8(int value);

    /**
     * Four bytes.
     *
     * @param value any
     * @return this
     */
    PayloadWriter int32(int value);

    /**
     * Eight bytes.
     *
     * @param value any
     * @return this
     */
    PayloadWriter int64(long value);

    /**
     * Four bytes.
     *
     * @param value any; readers refuse what is not finite where it must be
     * @return this
     */
    PayloadWriter float32(float value);

    /**
     * Eight bytes.
     *
     * @param value any; readers refuse what is not finite where it must be
     * @return this
     */
    PayloadWriter float64(double value);

    /**
     * The bytes alone; how many there are must be known otherwise.
     *
     * @param values in their order
     * @return this
     */
    PayloadWriter bytes(byte[] values);

    /**
     * The values alone, 4 bytes each; how many there are must be known otherwise.
     *
     * @param values in their order
     * @return this
     */
    PayloadWriter float32s(float[] values);

    /**
     * A mask, in the shortest form of {@link MaskCodec}.
     *
     * @param mask of a tensor whose size the reader knows
     * @return this
     */
    PayloadWriter mask(Mask mask);

    /**
     * Bytes that are made piece by piece while they are written, so that they are never in memory as a whole.
     *
     * @param count how many bytes the pieces have together
     * @param next gives one piece after the other
     * @return this
     */
    default PayloadWriter pieces(long count, Supplier<byte[]> next) {
        for (long done = 0; done < count;) {
            byte[] piece = next.get();
            bytes(piece);
            done += piece.length;
        }
        return this;
    }

    /**
     * All arrays, one after the other.
     *
     * @param arrays in their order
     * @return this
     */
    default PayloadWriter float32s(List<float[]> arrays) {
        arrays.forEach(this::float32s);
        return this;
    }

    /**
     * The masks of what is prunable; a device takes everything else for full.
     *
     * @param masks one a parameter
     * @param network the run's
     * @return this
     * @throws IllegalArgumentException if something else has a mask
     */
    default PayloadWriter masks(Network network, List<Mask> masks) {
        for (int i = 0; i < masks.size(); i++) {
            Parameter parameter = network.parameters().get(i);
            if (!parameter.prunable() && !masks.get(i).isFull()) {
                throw new IllegalArgumentException("federation: '" + parameter.name() + "' keeps " + masks.get(i).count() + " of "
                        + parameter.size() + " positions, but methods do not prune it here and devices hold all of it; start from a model "
                        + "with a full mask there");
            }
        }
        network.prunable().forEach(i -> mask(masks.get(i)));
        return this;
    }
}

package dev.fedtiny.method;

import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;

/** Where an {@link AlgorithmState} writes itself, little-endian. */
public interface StateWriter {
    /**
     * One byte, the low one of {@code value}.
     *
     * @param value 0 to 255, or -128 to 127
     * @return this
     * @throws IOException if it cannot be written
     */
    StateWriter int8(int value) throws IOException;

    /**
     * Four bytes.
     *
     * @param value any
     * @return this
     * @throws IOException if it cannot be written
     */
    StateWriter int32(int value) throws IOException;

    /**
     * Eight bytes.
     *
     * @param value any
     * @return this
     * @throws IOException if it cannot be written
     */
    StateWriter int64(long value) throws IOException;

    /**
     * Eight bytes.
     *
     * @param value any, also no finite number
     * @return this
     * @throws IOException if it cannot be written
     */
    StateWriter float64(double value) throws IOException;

    /**
     * The values alone; how many there are must be known otherwise.
     *
     * @param values in their order
     * @return this
     * @throws IOException if it cannot be written
     */
    StateWriter float32s(float[] values) throws IOException;

    /**
     * The bytes alone; how many there are must be known otherwise.
     *
     * @param values in their order
     * @return this
     * @throws IOException if it cannot be written
     */
    StateWriter bytes(byte[] values) throws IOException;

    /**
     * A number of positions and the positions, strictly ascending.
     *
     * @param positions strictly ascending
     * @return this
     * @throws IOException if it cannot be written
     */
    StateWriter positions(int[] positions) throws IOException;

    /**
     * A mask.
     *
     * @param mask of a tensor whose size the reader knows
     * @return this
     * @throws IOException if it cannot be written
     */
    StateWriter mask(Mask mask) throws IOException;
}

package dev.fedtiny.method;

import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;

/** Where an {@link AlgorithmState} writes itself, little-endian. */
public interface StateWriter {
    /** One byte, the low one of {@code value}. */
    StateWriter int8(int value) throws IOException;

    /** Four bytes. */
    StateWriter int32(int value) throws IOException;

    /** Eight bytes. */
    StateWriter int64(long value) throws IOException;

    /** Eight bytes. */
    StateWriter float64(double value) throws IOException;

    /** The values alone; how many there are must be known otherwise. */
    StateWriter float32s(float[] values) throws IOException;

    /** The bytes alone; how many there are must be known otherwise. */
    StateWriter bytes(byte[] values) throws IOException;

    /** A number of positions and the positions, strictly ascending. */
    StateWriter positions(int[] positions) throws IOException;

    /** A mask. */
    StateWriter mask(Mask mask) throws IOException;
}

package dev.fedtiny.method;

import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;

/** From what an {@link AlgorithmState} is read. No length is believed before it is checked against the bytes that are there. */
public interface StateReader {
    /** One byte, from 0 to 255. */
    int int8() throws IOException;

    /** Four bytes. */
    int int32() throws IOException;

    /** Eight bytes. */
    long int64() throws IOException;

    /** Eight bytes; may be no finite number. */
    double float64() throws IOException;

    /** A number in [least, most]. */
    int int32In(String name, int least, int most) throws IOException;

    /** How many entries of at least so many bytes follow. */
    int length(String name, int entryBytes) throws IOException;

    /** So many finite values. */
    float[] float32s(int count) throws IOException;

    /** So many bytes. */
    byte[] bytes(int count) throws IOException;

    /** Strictly ascending positions in [0, size). */
    int[] positions(String name, int size) throws IOException;

    /** A mask of a tensor of so many positions. */
    Mask mask(int size) throws IOException;

    /** An error at this place, in one sentence. */
    IOException error(String sentence);
}

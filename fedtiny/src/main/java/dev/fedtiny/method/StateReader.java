package dev.fedtiny.method;

import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;

/** From what an {@link AlgorithmState} is read. No length is believed before it is checked against the bytes that are there. */
public interface StateReader {
    /**
     * {@return one byte, from 0 to 255}
     *
     * @throws IOException if there are fewer bytes
     */
    int int8() throws IOException;

    /**
     * {@return four bytes}
     *
     * @throws IOException if there are fewer bytes
     */
    int int32() throws IOException;

    /**
     * {@return eight bytes}
     *
     * @throws IOException if there are fewer bytes
     */
    long int64() throws IOException;

    /**
     * {@return eight bytes as a number; may be no finite one}
     *
     * @throws IOException if there are fewer bytes
     */
    double float64() throws IOException;

    /**
     * A number in [least, most].
     *
     * @param name what it is, for the error
     * @param least the smallest
     * @param most the largest
     * @return the number
     * @throws IOException if it is not, or there are fewer bytes
     */
    int int32In(String name, int least, int most) throws IOException;

    /**
     * How many entries of at least so many bytes follow.
     *
     * @param name what they are, for the error
     * @param entryBytes how many bytes an entry has at least
     * @return a number that the bytes left can hold
     * @throws IOException if it is beyond them
     */
    int length(String name, int entryBytes) throws IOException;

    /**
     * So many finite values.
     *
     * @param count how many
     * @return a new array
     * @throws IOException if one is not finite, or there are fewer bytes
     */
    float[] float32s(int count) throws IOException;

    /**
     * So many bytes.
     *
     * @param count how many
     * @return a new array
     * @throws IOException if there are fewer bytes
     */
    byte[] bytes(int count) throws IOException;

    /**
     * Strictly ascending positions in [0, size).
     *
     * @param name what they are, for the error
     * @param size of the tensor
     * @return a new array
     * @throws IOException if they are not, or there are fewer bytes
     */
    int[] positions(String name, int size) throws IOException;

    /**
     * A mask of a tensor of so many positions.
     *
     * @param size positions of the tensor
     * @return the mask
     * @throws IOException if it is none of that size, or there are fewer bytes
     */
    Mask mask(int size) throws IOException;

    /**
     * An error at this place, in one sentence.
     *
     * @param sentence what was found, what was expected
     * @return the exception, for the caller to throw
     */
    IOException error(String sentence);
}

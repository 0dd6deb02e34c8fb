package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import java.util.Arrays;
import java.util.Optional;

/**
 * In how many bits weights are stored, in files and in messages; arithmetic stays in float32. Only weights are rounded: biases,
 * normalisations and running statistics are few, and stay float32 everywhere.
 *
 * <table>
 * <caption>Bytes and rounding</caption>
 * <tr><th>storage</th><th>bytes a weight</th><th>largest error</th></tr>
 * <tr><td>float32</td><td>4</td><td>0</td></tr>
 * <tr><td>float16</td><td>2</td><td>2^-11 of the weight, at least 2^-25; magnitudes up to 65,504</td></tr>
 * <tr><td>bfloat16</td><td>2</td><td>2^-8 of the weight</td></tr>
 * <tr><td>int8</td><td>1, and 4 an output channel</td><td>1/253 of the channel's largest weight</td></tr>
 * </table>
 *
 * <p>All of them round to the nearest, ties to even. Rounding twice is rounding once: what was read back is stored without another error.
 */
public enum WeightStorage {
    /** As they are. */
    FLOAT32("float32", DataType.F32),
    /** IEEE binary16. */
    FLOAT16("float16", DataType.F16),
    /** The upper half of a binary32. */
    BFLOAT16("bfloat16", DataType.BF16),
    /**
     * Whole numbers q from -127 to 127 and one scale s for every output channel; a weight is q·s (symmetric quantisation per channel,
     * Krishnamoorthi 2018). s is the channel's largest magnitude over 127, rounded up to 17 significant bits: q·s is exact in float32 then.
     */
    INT8("int8", DataType.I8);

    private static final int LARGEST = 127;
    private static final int HALF_BITS = 16;
    private static final int HALF = 0x7FFF;
    private static final int SCALE_REST = 0x7F;

    private final String key;
    private final DataType dataType;

    WeightStorage(String key, DataType dataType) {
        this.key = key;
        this.dataType = dataType;
    }

    /** {@return the name used in files and on the command line} */
    public String key() {
        return key;
    }

    /** The type of its numbers in a file. */
    DataType dataType() {
        return dataType;
    }

    /**
     * The storage of a name, or empty when there is none.
     *
     * @param key as {@link #key} gives it
     * @return its constant; empty when there is none
     */
    public static Optional<WeightStorage> ofKey(String key) {
        return Arrays.stream(values()).filter(storage -> storage.key.equals(key)).findFirst();
    }

    /**
     * Bytes of some weights of a matrix of so many rows, scales included.
     *
     * @param weights how many of them are stored
     * @param rows of the matrix: K or out
     * @return bytes, without those of their positions
     */
    public long bytes(long weights, int rows) {
        return weights * dataType.bytes() + (this == INT8 ? (long) Float.BYTES * rows : 0);
    }

    /** bfloat16 of a finite float, rounded to the nearest, ties to even. */
    static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (bits + HALF + (bits >>> HALF_BITS & 1) >>> HALF_BITS);
    }

    /** A weight over its channel's scale. */
    static byte toInt8(float value, float scale) {
        return scale == 0 ? 0 : (byte) Math.clamp(Math.round(Math.rint((double) value / scale)), -LARGEST, LARGEST);
    }

    /** The scale of a channel of which this is the largest magnitude. */
    static float scale(float largest) {
        double exact = (double) largest / LARGEST;
        float above = (float) exact < exact ? Math.nextUp((float) exact) : (float) exact;
        return Float.intBitsToFloat(Float.floatToRawIntBits(above) + SCALE_REST & ~SCALE_REST);
    }

    /**
     * A state with every weight rounded; everything else is as it was.
     *
     * @param state not changed
     * @return the rounded state; the same object for {@link #FLOAT32}
     * @throws IllegalArgumentException naming the first weight beyond the range of float16
     */
    public ModelState rounded(ModelState state) {
        Given.notNull(state, "weight storage: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        ModelState rounded = state;
        for (int p = 0; this != FLOAT32 && p < state.network().parameters().size(); p++) {
            Parameter parameter = state.network().parameters().get(p);
            if (parameter.kind().isWeight()) {
                try {
                    rounded = rounded.withValues(p, rounded(state.mask(p), parameter.columns(), state.values(p)));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(parameter.name() + ": " + e.getMessage(), e);
                }
            }
        }
        return rounded;
    }

    /**
     * Bytes of a state's active weights, scales included, without their positions.
     *
     * @param state any state
     * @return bytes of all its weights
     */
    public long bytes(ModelState state) {
        Given.notNull(state, "weight storage: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        long bytes = 0;
        for (int p = 0; p < state.network().parameters().size(); p++) {
            Parameter parameter = state.network().parameters().get(p);
            bytes += parameter.kind().isWeight() ? bytes(state.mask(p).count(), parameter.rows()) : 0;
        }
        return bytes;
    }

    /**
     * Rounds weights as a file or a message would.
     *
     * @param mask active positions
     * @param columns positions of an output channel
     * @param values the active values
     * @return new values, as they are read back
     * @throws IllegalArgumentException naming the first weight beyond the range of float16
     */
    public float[] rounded(Mask mask, int columns, float[] values) {
        return StoredWeights.of(this, mask, columns, values).decode(mask, columns);
    }
}

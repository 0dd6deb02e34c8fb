package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.sparse.Mask;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Active weights of one matrix in the numbers of a {@link WeightStorage}: what a file or a message holds beside their positions.
 *
 * @param storage how
 * @param numbers one an active weight, in the mask's order: the float's bits, those of 16 bits, or q
 * @param scales one an output channel for {@link WeightStorage#INT8}, else empty
 */
public record StoredWeights(WeightStorage storage, int[] numbers, float[] scales) {
    /** Checks that nothing is missing. */
    public StoredWeights {
        Given.notNull(storage, "weight storage: storage", "in how many bits");
        Given.notNull(numbers, "weight storage: numbers", "one an active weight");
        Given.notNull(scales, "weight storage: scales", "one an output channel; none where the storage has none");
    }

    private static final float[] NO_SCALES = {};
    private static final int HALF_BITS = 16;

    /**
     * Rounds weights.
     *
     * @param mask active positions of a matrix
     * @param columns of the matrix: positions of an output channel
     * @param values the active values, finite
     * @param storage in how many bits
     * @return new numbers, and scales where the storage has them
     * @throws IllegalArgumentException naming the first weight beyond the range of float16, or if values or columns do not fit the mask
     */
    public static StoredWeights of(WeightStorage storage, Mask mask, int columns, float[] values) {
        Given.notNull(storage, "weight storage: storage", "in how many bits");
        Given.notNull(mask, "weight storage: mask", "the active positions of a weight");
        Given.notNull(values, "weight storage: values", "one value an active position");
        check(mask, columns, values.length);
        float[] scales = storage == WeightStorage.INT8 ? scales(mask, columns, values) : NO_SCALES;
        int[] numbers = new int[values.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = switch (storage) {
                case FLOAT32 -> Float.floatToRawIntBits(values[i]);
                case FLOAT16 -> Float.floatToFloat16(values[i]);
                case BFLOAT16 -> WeightStorage.toBfloat16(values[i]);
                case INT8 -> WeightStorage.toInt8(values[i], scales[mask.index(i) / columns]);
            };
            if (!Float.isFinite(decode(storage, numbers[i]) * (storage == WeightStorage.INT8 ? scales[mask.index(i) / columns] : 1))) {
                throw new IllegalArgumentException("weight storage: " + values[i] + " at position " + mask.index(i)
                        + " is beyond the range of " + storage.key() + "; store the weights as "
                        + (storage == WeightStorage.FLOAT16 ? "bfloat16 or " : "") + "float32");
            }
        }
        return new StoredWeights(storage, numbers, scales);
    }

    private static void check(Mask mask, int columns, int weights) {
        if (columns < 1 || mask.size() % columns != 0 || weights != mask.count()) {
            throw new IllegalArgumentException("weight storage: " + weights + " weights of rows of " + columns + " positions, expected one "
                    + "at each of " + mask.count() + " active positions, and rows that divide all " + mask.size());
        }
    }

    private static float[] scales(Mask mask, int columns, float[] values) {
        float[] scales = new float[mask.size() / columns];
        for (int i = 0; i < values.length; i++) {
            int row = mask.index(i) / columns;
            scales[row] = Math.max(scales[row], Math.abs(values[i]));
        }
        for (int row = 0; row < scales.length; row++) {
            scales[row] = WeightStorage.scale(scales[row]);
        }
        return scales;
    }

    private static float decode(WeightStorage storage, int number) {
        return switch (storage) {
            case FLOAT32 -> Float.intBitsToFloat(number);
            case FLOAT16 -> Float.float16ToFloat((short) number);
            case BFLOAT16 -> Float.intBitsToFloat(number << HALF_BITS);
            case INT8 -> number;
        };
    }

    /**
     * The weights as floats.
     *
     * @param mask the active positions that the numbers are of
     * @param columns of the matrix
     * @return a new array, one value an active position in the mask's order
     * @throws IllegalArgumentException if they are of another mask or matrix
     */
    public float[] decode(Mask mask, int columns) {
        Given.notNull(mask, "weight storage: mask", "the active positions of a weight");
        check(mask, columns, numbers.length);
        if (storage == WeightStorage.INT8 && scales.length != mask.size() / columns) {
            throw new IllegalArgumentException("weight storage: " + scales.length + " scales, expected one for each of "
                    + mask.size() / columns + " output channels");
        }
        float[] values = new float[numbers.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = decode(storage, numbers[i]) * (storage == WeightStorage.INT8 ? scales[mask.index(i) / columns] : 1);
        }
        return values;
    }

    /**
     * Appends scales and then numbers, little-endian, as {@link #read} takes them: {@link #bytes} bytes.
     *
     * @param to has room for {@link #bytes} bytes from its position, which moves behind them
     */
    public void write(ByteBuffer to) {
        Given.notNull(to, "weight storage: to", "a buffer with room for the numbers");
        ByteBuffer bytes = to.slice().order(ByteOrder.LITTLE_ENDIAN);
        for (float scale : scales) {
            bytes.putFloat(scale);
        }
        for (int number : numbers) {
            switch (storage) {
                case FLOAT32 -> bytes.putInt(number);
                case FLOAT16, BFLOAT16 -> bytes.putShort((short) number);
                case INT8 -> bytes.put((byte) number);
            }
        }
        to.position(to.position() + bytes.position());
    }

    /**
     * Reads what {@link #write} appended. Whether the numbers are finite is for the caller to check.
     *
     * @param count of the weights
     * @param rows of their matrix
     * @param from its position moves behind what was read
     * @param storage what {@link #write} wrote
     * @return new numbers, and scales where the storage has them
     * @throws BufferUnderflowException if there are fewer bytes; nothing is allocated for them then
     */
    public static StoredWeights read(ByteBuffer from, WeightStorage storage, int count, int rows) {
        Given.notNull(from, "weight storage: from", "a buffer that holds the numbers");
        Given.notNull(storage, "weight storage: storage", "in how many bits");
        if (count < 0 || rows < 0) {
            throw new IllegalArgumentException("weight storage: " + count + " weights of " + rows + " rows, must be at least 0");
        }
        if (from.remaining() < storage.bytes(count, rows)) {
            throw new BufferUnderflowException();
        }
        ByteBuffer bytes = from.slice().order(ByteOrder.LITTLE_ENDIAN);
        float[] scales = storage == WeightStorage.INT8 ? new float[rows] : NO_SCALES;
        for (int i = 0; i < scales.length; i++) {
            scales[i] = bytes.getFloat();
        }
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = switch (storage) {
                case FLOAT32 -> bytes.getInt();
                case FLOAT16, BFLOAT16 -> bytes.getShort();
                case INT8 -> bytes.get();
            };
        }
        from.position(from.position() + bytes.position());
        return new StoredWeights(storage, numbers, scales);
    }

    /** {@return bytes of numbers and scales, as {@link #write} appends them} */
    public long bytes() {
        return storage.bytes(numbers.length, scales.length);
    }
}

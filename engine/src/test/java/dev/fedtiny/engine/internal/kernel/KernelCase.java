package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One call of a kernel with its inputs, what it should give, and buffers that make calling it again free of allocation.
 *
 * @param <K> the kernel's interface
 */
final class KernelCase<K> {
    private final String name;
    private final float[] initial;
    private final float[] output;
    private final double[] results;
    private final double[] expectedOutput;
    private final double[] expectedResults;
    private final double tolerance;
    private final Consumer<K> call;

    /**
     * @param initial what the output holds before the call; {@code output}: the array the call writes to
     * @param results the doubles the call writes, or an empty array
     * @param expectedOutput one value an element of {@code output}, the untouched ones included
     * @param tolerance largest absolute difference from the expected values
     */
    KernelCase(String name, float[] initial, float[] output, double[] results, double[] expectedOutput, double[] expectedResults,
            double tolerance, Consumer<K> call) {
        this.name = name;
        this.initial = initial;
        this.output = output;
        this.results = results;
        this.expectedOutput = expectedOutput;
        this.expectedResults = expectedResults;
        this.tolerance = tolerance;
        this.call = call;
    }

    /**
     * A case whose output begins with numbers and is written from a position on; what lies before and behind must stay.
     *
     * @param at where the kernel writes
     * @param values what it should write there, or add to what lies there
     */
    static <K> KernelCase<K> of(String name, int at, double[] values, boolean add, double tolerance, BiConsumer<K, float[]> call) {
        float[] initial = TestNumbers.floats("y", at + values.length + 8);
        float[] output = new float[initial.length];
        double[] expected = TestNumbers.widened(initial);
        for (int i = 0; i < values.length; i++) {
            expected[at + i] = values[i] + (add ? initial[at + i] : 0);
        }
        return new KernelCase<>(name, initial, output, new double[0], expected, new double[0], tolerance,
                kernel -> call.accept(kernel, output));
    }

    /** The same with doubles that the call writes besides. */
    KernelCase<K> with(double[] written, double[] expected) {
        return new KernelCase<>(name, initial, output, written, expectedOutput, expected, tolerance, call);
    }

    String name() {
        return name;
    }

    /** Restores the output and calls the kernel; allocates nothing itself. */
    void run(K kernel) {
        System.arraycopy(initial, 0, output, 0, initial.length);
        java.util.Arrays.fill(results, 0);
        call.accept(kernel);
    }

    /** The bits of all that the last run wrote. */
    long[] bits() {
        long[] bits = new long[output.length + results.length];
        for (int i = 0; i < output.length; i++) {
            bits[i] = Float.floatToRawIntBits(output[i]);
        }
        for (int i = 0; i < results.length; i++) {
            bits[output.length + i] = Double.doubleToRawLongBits(results[i]);
        }
        return bits;
    }

    /** Compares the last run with the expected values; elements the kernel must not touch keep their bits. */
    void assertExpected() {
        for (int i = 0; i < output.length; i++) {
            int at = i;
            boolean untouched = expectedOutput[i] == initial[i] || Double.isNaN(expectedOutput[i]);
            assertEquals(expectedOutput[i], output[i], untouched ? 0 : tolerance, () -> name + ", output[" + at + "]");
        }
        for (int i = 0; i < results.length; i++) {
            int at = i;
            assertEquals(expectedResults[i], results[i], tolerance, () -> name + ", result[" + at + "]");
        }
    }
}

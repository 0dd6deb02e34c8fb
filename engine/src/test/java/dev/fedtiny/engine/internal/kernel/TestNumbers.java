package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.runtime.RandomStream;

/** Numbers to feed kernels with. */
final class TestNumbers {
    private TestNumbers() {
    }

    /** Values in [−1, 1), every eleventh a zero of either sign. */
    static float[] floats(String purpose, int length) {
        RandomStream random = RandomStream.of(5, "kernel-test-" + purpose, length);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = i % 11 == 7 ? (i % 2 == 0 ? 0f : -0f) : (float) (random.nextDouble() * 2 - 1);
        }
        return values;
    }

    /** Values of a few levels only, so that neighbours often tie. */
    static float[] levels(String purpose, int length) {
        RandomStream random = RandomStream.of(5, "kernel-test-levels-" + purpose, length);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextInt(4) - 1.5f;
        }
        return values;
    }

    static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}

package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarBfloat16StorageKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarFloat32StorageKernel;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Passes over stored maps against plain sums in double of what is stored, and the vector twins against the scalar ones, bit by bit. */
class StorageKernelTest {
    private static final int BITS = 1 << 16;

    private static StorageKernel scalar(StorageCases form) {
        return form == StorageCases.FLOAT32 ? new ScalarFloat32StorageKernel() : new ScalarBfloat16StorageKernel();
    }

    private static StorageKernel vectors(StorageCases form) {
        VectorTwins.require();
        return form == StorageCases.FLOAT32 ? VectorTwins.float32() : VectorTwins.bfloat16();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("once")
    void scalarKernelsMatchDoubleSums(StorageCases form) {
        for (KernelCase<StorageKernel> example : form.all()) {
            example.run(scalar(form));
            example.assertExpected();
        }
    }

    @ParameterizedTest
    @EnumSource
    void vectorKernelsGiveTheSameBits(StorageCases form) {
        StorageKernel simd = vectors(form);
        for (KernelCase<StorageKernel> example : form.all()) {
            example.run(scalar(form));
            long[] expected = example.bits();
            example.run(simd);
            assertArrayEquals(expected, example.bits(), example.name());
        }
    }

    @ParameterizedTest
    @EnumSource
    void vectorKernelsKeepTheirBits(StorageCases form) {
        KernelSteadiness.assertSteady(form.steady(), vectors(form), scalar(form));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    void vectorKernelsAllocateNothingOnceCompiled(StorageCases form) {
        KernelSteadiness.assertAllocatesNothing(form.steady(), vectors(form));
    }

    @ParameterizedTest
    @EnumSource
    void equalValuesHaveNoVariance(StorageCases form) {
        eachKernel(form).forEach(kernel -> {
            float[] z = new float[37 * 8];
            Arrays.fill(z, 0.125f);
            double[] mean = new double[1];
            double[] squares = new double[1];
            kernel.moments(form.stored(z), 0, 1, 37, 8, mean, squares, 0);
            assertEquals(0.125, mean[0], 1e-9);
            assertEquals(0, squares[0], 1e-12);
        });
    }

    private static Stream<StorageKernel> eachKernel(StorageCases form) {
        boolean vectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return vectors ? Stream.of(scalar(form), vectors(form)) : Stream.of(scalar(form));
    }

    /** Both halves of a word hold any of the 65,536 patterns, are read as the numbers they are, and come back from a write. */
    @Test
    void everyPatternOfSixteenBitsIsReadAndWrittenAsItIs() {
        eachKernel(StorageCases.BFLOAT16).forEach(kernel -> {
            float[] pairs = new float[BITS / 2];
            for (int i = 0; i < pairs.length; i++) {
                pairs[i] = Float.intBitsToFloat(2 * i | 2 * i + 1 << 16);
            }
            float[] values = new float[BITS];
            kernel.read(pairs, 0, values, 0, BITS);
            for (int i = 0; i < BITS; i++) {
                assertEquals(i << 16, Float.floatToRawIntBits(values[i]), "pattern " + i);
            }
            float[] again = new float[BITS / 2];
            kernel.write(values, 0, again, 0, BITS);
            for (int i = 0; i < BITS; i++) {
                int found = Float.floatToRawIntBits(again[i / 2]) >>> 16 * (i % 2) & 0xFFFF;
                assertEquals(Float.isNaN(values[i]) ? i | 0x40 : i, found, "pattern " + i + " written again");
            }
        });
    }

    /** Of a value between two numbers of the form the nearer is taken, half way the even one; NaN stays NaN, whatever its bits. */
    @Test
    void writingRoundsToTheNearestAndTiesToEven() {
        float[] x = new float[1 << 14];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < x.length; i++) {
            int upper = random.nextInt() & 0xFFFF0000;
            int lower = switch (i % 8) {
                case 0 -> 0x8000;
                case 1 -> 0x7FFF;
                case 2 -> 0x8001;
                default -> random.nextInt() & 0xFFFF;
            };
            // All exponents, the last one's infinity and NaN among them more often than by chance.
            x[i] = Float.intBitsToFloat(i % 16 == 15 ? upper | 0x7F800000 | lower : upper | lower);
        }
        eachKernel(StorageCases.BFLOAT16).forEach(kernel -> {
            float[] pairs = new float[x.length / 2];
            kernel.write(x, 0, pairs, 0, x.length);
            for (int i = 0; i < x.length; i++) {
                assertRounded(x[i], Bfloat16.get(pairs, i));
            }
        });
    }

    private static void assertRounded(float value, float found) {
        if (Float.isNaN(value)) {
            assertTrue(Float.isNaN(found), "NaN became " + found);
            return;
        }
        int below = Float.floatToRawIntBits(value) & 0xFFFF0000;
        double down = Float.intBitsToFloat(below);
        // In double, since what follows the largest number is infinity as a float: the number that would come next decides.
        double step = Math.ulp((float) Math.abs(down)) * 65536.0 * (value < 0 || 1 / value < 0 ? -1 : 1);
        double over = (value - down) / step;
        boolean up = over > 0.5 || over == 0.5 && (below & 0x10000) != 0;
        int expected = Float.isInfinite(value) ? below : up ? below + 0x10000 : below;
        assertEquals(expected, Float.floatToRawIntBits(found), value + " as it is stored");
    }

    /** What a gradient's contributions are added up with: both read from the form, the sum rounded once. */
    @ParameterizedTest
    @EnumSource
    void accumulatingRoundsTheSumOfWhatIsStored(StorageCases form) {
        float[] z = TestNumbers.floats("z", 21 * 8);
        float[] y = TestNumbers.floats("y", 21 * 8);
        eachKernel(form).forEach(kernel -> {
            float[] sum = form.stored(y);
            kernel.accumulate(form.stored(z), 0, sum, 0, z.length);
            float[] expected = new float[z.length];
            float[] a = new float[z.length];
            kernel.read(form.stored(z), 0, a, 0, z.length);
            kernel.read(form.stored(y), 0, expected, 0, z.length);
            for (int i = 0; i < z.length; i++) {
                expected[i] += a[i];
            }
            assertBits(form.stored(expected), sum);
        });
    }

    private static void assertBits(float[] expected, float[] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]), "word " + i);
        }
    }
}

package dev.fedtiny.engine.internal.probe;

import static dev.fedtiny.engine.internal.probe.Bursts.FIRST_FLOAT;

import dev.fedtiny.engine.internal.kernel.ProbeKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.runtime.Workers;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * What this process can move with the kernels it runs: the best of several short bursts, all workers at once. What it can compute is
 * {@link MultiplyAddRates}.
 *
 * @param threads workers that took part
 * @param readGigabytes reading, 10⁹ bytes a second, by {@link Level}
 * @param copyGigabytes copying, bytes read and bytes written counted once each (what writing fetches is not), by {@link Level}
 */
public record Bandwidths(int threads, double[] readGigabytes, double[] copyGigabytes) {
    private static final int COMPILING_FLOATS = 64;

    /** Where the data lies: bytes that each worker walks over, small enough for the level and too large for the one before. */
    public enum Level {
        /** First-level cache. */
        L1(16 << 10),
        /** Second-level cache. */
        L2(256 << 10),
        /** Third-level cache, shared by all. */
        L3(4 << 20),
        /** Memory. */
        DRAM(96 << 20);

        private final int bytes;

        Level(int bytes) {
            this.bytes = bytes;
        }

        /** Bytes of one worker. */
        public int bytes() {
            return bytes;
        }
    }

    /**
     * Everything; as long for each of eight figures as asked for, and the memory of {@link Level#DRAM} for every worker.
     *
     * @param seconds how long a figure is measured at least
     */
    public static Bandwidths measure(Workers workers, double seconds) {
        Bursts bursts = new Bursts(seconds);
        return new Bandwidths(workers.count(), levels(level -> readGigabytes(workers, level, bursts)),
                levels(level -> copyGigabytes(workers, level, bursts)));
    }

    private static double[] levels(ToDoubleFunction<Level> rate) {
        return Arrays.stream(Level.values()).mapToDouble(rate).toArray();
    }

    /** Reading, 10⁹ bytes a second. */
    public static double readGigabytes(Workers workers, Level level) {
        return readGigabytes(workers, level, Bursts.USUAL);
    }

    private static double readGigabytes(Workers workers, Level level, Bursts bursts) {
        ProbeKernel kernel = KernelRegistry.current().probes();
        float[][] data = Bursts.arrays(workers, level.bytes());
        float[] sink = new float[16 * workers.count()];
        return bursts.best(() -> sink[0] = kernel.read(data[0], FIRST_FLOAT, FIRST_FLOAT + COMPILING_FLOATS), passes -> {
            long start = System.nanoTime();
            workers.run((worker, count) -> {
                for (int i = 0; i < passes; i++) {
                    sink[16 * worker] += kernel.read(data[worker], FIRST_FLOAT, data[worker].length);
                }
            });
            return (double) level.bytes() * workers.count() * passes / (System.nanoTime() - start);
        }, 1);
    }

    /** Copying from one half of the level's bytes to the other, 10⁹ bytes a second. */
    public static double copyGigabytes(Workers workers, Level level) {
        return copyGigabytes(workers, level, Bursts.USUAL);
    }

    private static double copyGigabytes(Workers workers, Level level, Bursts bursts) {
        ProbeKernel kernel = KernelRegistry.current().probes();
        float[][] from = Bursts.arrays(workers, level.bytes() / 2);
        float[][] to = Bursts.arrays(workers, level.bytes() / 2);
        return bursts.best(() -> kernel.copy(from[0], to[0], FIRST_FLOAT, FIRST_FLOAT + COMPILING_FLOATS), passes -> {
            long start = System.nanoTime();
            workers.run((worker, count) -> {
                for (int i = 0; i < passes; i++) {
                    kernel.copy(from[worker], to[worker], FIRST_FLOAT, from[worker].length);
                }
            });
            return (double) level.bytes() * workers.count() * passes / (System.nanoTime() - start);
        }, 1);
    }
}

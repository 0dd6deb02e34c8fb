package dev.fedtiny.engine.internal.probe;

import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.ProbeKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * What this process can reach with the kernels it runs: the best of several short bursts, all workers at once.
 *
 * @param threads workers that took part
 * @param fmaGflops multiply-adds in registers, 10⁹ FLOP/s, two a multiply-add
 * @param fedL1Gflops multiply-adds that read one operand each from the first-level cache, as {@link #fedGflops} says;
 *     {@code fedL2Gflops}: from the second-level cache
 * @param readGigabytes reading, 10⁹ bytes a second, by {@link Level}
 * @param copyGigabytes copying, bytes read and bytes written counted once each (what writing fetches is not), by {@link Level}
 */
public record MachineLimits(int threads, double fmaGflops, double fedL1Gflops, double fedL2Gflops, double[] readGigabytes,
        double[] copyGigabytes) {
    private static final int COMPILING_CALLS = 12_000;
    private static final int COMPILING_FLOATS = 64;
    private static final long LEAST_NANOS = 300_000_000;
    private static final long STEADY_NANOS = 200_000_000;
    private static final long BURST_NANOS = 3_000_000;
    private static final int FIRST_FLOAT = Alignment.ORIGIN;

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

    /** Everything; about five seconds, and the memory of {@link Level#DRAM} for every worker. */
    public static MachineLimits measure(Workers workers) {
        double peak = fmaGflops(workers);
        double[] reads = Arrays.stream(Level.values()).mapToDouble(level -> readGigabytes(workers, level)).toArray();
        double[] copies = Arrays.stream(Level.values()).mapToDouble(level -> copyGigabytes(workers, level)).toArray();
        return new MachineLimits(workers.count(), peak, fedGflops(workers, Level.L1), fedGflops(workers, Level.L2), reads, copies);
    }

    /** Multiply-adds in registers, 10⁹ FLOP/s: about half a second. */
    public static double fmaGflops(Workers workers) {
        ProbeKernel kernel = KernelRegistry.current().probes();
        float[] sink = new float[16 * workers.count()];
        double flops = 2.0 * ProbeKernel.CHAINS * kernel.lanes() * workers.count();
        return best(() -> sink[0] = kernel.multiplyAdds(1, 0.5f, 0.5f), rounds -> {
            long start = System.nanoTime();
            workers.run((worker, count) -> sink[16 * worker] = kernel.multiplyAdds(rounds, 0.5f, 0.5f));
            return flops * rounds / (System.nanoTime() - start);
        }, 100);
    }

    /**
     * Multiply-adds that read one operand each, 10⁹ FLOP/s: what a sparse loop can reach, where nothing that is read serves twice. Where a
     * vector holds two pixels of eight images, every third pass begins in the middle of a cache line, as one tap of three does.
     */
    public static double fedGflops(Workers workers, Level level) {
        ProbeKernel kernel = KernelRegistry.current().probes();
        int floats = level.bytes() / Float.BYTES;
        int half = kernel.lanes() / (2 * Layout.LANES) * Layout.LANES;
        float[][] data = arrays(workers, level.bytes() + half * Float.BYTES);
        float[] sink = new float[16 * workers.count()];
        return best(() -> sink[0] = kernel.fedMultiplyAdds(data[0], FIRST_FLOAT, FIRST_FLOAT + 2 * COMPILING_FLOATS, 0.5f), passes -> {
            long start = System.nanoTime();
            workers.run((worker, count) -> {
                for (int i = 0; i < passes; i++) {
                    int from = FIRST_FLOAT + (i % 3 == 1 ? half : 0);
                    sink[16 * worker] += kernel.fedMultiplyAdds(data[worker], from, from + floats, 0.5f);
                }
            });
            return 2.0 * floats * workers.count() * passes / (System.nanoTime() - start);
        }, 3);
    }

    /** Reading, 10⁹ bytes a second. */
    public static double readGigabytes(Workers workers, Level level) {
        ProbeKernel kernel = KernelRegistry.current().probes();
        float[][] data = arrays(workers, level.bytes());
        float[] sink = new float[16 * workers.count()];
        return best(() -> sink[0] = kernel.read(data[0], FIRST_FLOAT, FIRST_FLOAT + COMPILING_FLOATS), passes -> {
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
        ProbeKernel kernel = KernelRegistry.current().probes();
        float[][] from = arrays(workers, level.bytes() / 2);
        float[][] to = arrays(workers, level.bytes() / 2);
        return best(() -> kernel.copy(from[0], to[0], FIRST_FLOAT, FIRST_FLOAT + COMPILING_FLOATS), passes -> {
            long start = System.nanoTime();
            workers.run((worker, count) -> {
                for (int i = 0; i < passes; i++) {
                    kernel.copy(from[worker], to[worker], FIRST_FLOAT, from[worker].length);
                }
            });
            return (double) level.bytes() * workers.count() * passes / (System.nanoTime() - start);
        }, 1);
    }

    private static float[][] arrays(Workers workers, int bytes) {
        float[][] data = new float[workers.count()][FIRST_FLOAT + bytes / Float.BYTES];
        for (float[] array : data) {
            Arrays.fill(array, 1);
        }
        return data;
    }

    /**
     * The best rate of many bursts, doubled while they are too short to time, until it has stood for a while.
     *
     * @param call the loop on little data, called until C2 has reason to compile it: only then are its bursts worth timing
     */
    private static double best(Runnable call, IntToDoubleFunction rate, int first) {
        for (int i = 0; i < COMPILING_CALLS; i++) {
            call.run();
        }
        int size = first;
        double best = 0;
        long start = System.nanoTime();
        long improved = start;
        while (true) {
            long before = System.nanoTime();
            double reached = rate.applyAsDouble(size);
            long after = System.nanoTime();
            if (reached > 1.02 * best) {
                improved = after;
            }
            best = Math.max(best, reached);
            if (after - start > LEAST_NANOS && after - improved > STEADY_NANOS) {
                return best;
            }
            if (after - before < BURST_NANOS && size <= Integer.MAX_VALUE / 2) {
                size *= 2;
            }
        }
    }
}

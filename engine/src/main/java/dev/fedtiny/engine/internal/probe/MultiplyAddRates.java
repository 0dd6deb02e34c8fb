package dev.fedtiny.engine.internal.probe;

import static dev.fedtiny.engine.internal.probe.Bursts.FIRST_FLOAT;

import dev.fedtiny.engine.internal.kernel.ProbeKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How many multiply-adds a machine does, by where one operand of each comes from: the roofs of dense loops, which keep what they read in
 * registers, and of sparse ones, which read a vector for every multiply-add. Sums stay in registers in both.
 *
 * @param bits of a vector; 32 for plain loops
 * @param threads workers that took part, all at once
 * @param registersGflops both operands in registers, 10⁹ FLOP/s, two a multiply-add
 * @param fed one operand read anew, by the bytes it is read from
 */
public record MultiplyAddRates(int bits, int threads, double registersGflops, List<Fed> fed) {
    /** Widths of vectors, the widest first. */
    private static final int[] WIDTHS = {512, 256, 128};

    /**
     * A rate of multiply-adds that read.
     *
     * @param bytes that every worker goes over again and again: what they fit into feeds it
     * @param gflops 10⁹ FLOP/s, two a multiply-add
     */
    public record Fed(int bytes, double gflops) {
    }

    /** The widths of vectors that kernels of this process use, the widest first; 32 where they are plain loops. */
    public static int[] widths() {
        int widest = KernelRegistry.current().vectorBits();
        int[] vectors = IntStream.of(WIDTHS).filter(bits -> bits <= widest && KernelRegistry.refusal(bits).isEmpty()).toArray();
        return vectors.length == 0 ? new int[] {Float.SIZE} : vectors;
    }

    /**
     * Measures one width.
     *
     * @param bits one of {@link #widths}
     * @param bytes that every worker goes over, some kilobytes at least; allocates as many for each
     * @param seconds how long a rate is measured at least
     */
    public static MultiplyAddRates measure(Workers workers, int bits, int[] bytes, double seconds) {
        ProbeKernel kernel = KernelRegistry.ofBits(bits).probes();
        Bursts bursts = new Bursts(seconds);
        double registers = registersGflops(workers, kernel, bursts);
        List<Fed> fed = new ArrayList<>();
        for (int size : bytes) {
            fed.add(new Fed(size, fedGflops(workers, kernel, size, bursts)));
        }
        return new MultiplyAddRates(bits, workers.count(), registers, List.copyOf(fed));
    }

    /** Multiply-adds in registers, 10⁹ FLOP/s, with the widest vectors that kernels of this process use: about half a second. */
    public static double registersGflops(Workers workers) {
        return registersGflops(workers, KernelRegistry.current().probes(), Bursts.USUAL);
    }

    private static double registersGflops(Workers workers, ProbeKernel kernel, Bursts bursts) {
        float[] sink = new float[16 * workers.count()];
        double flops = 2.0 * ProbeKernel.CHAINS * kernel.lanes() * workers.count();
        return bursts.best(() -> sink[0] = kernel.multiplyAdds(1, 0.5f, 0.5f), rounds -> {
            long start = System.nanoTime();
            workers.run((worker, count) -> sink[16 * worker] = kernel.multiplyAdds(rounds, 0.5f, 0.5f));
            return flops * rounds / (System.nanoTime() - start);
        }, 100);
    }

    /**
     * Multiply-adds that read one operand each, 10⁹ FLOP/s, with the widest vectors that kernels of this process use: what a sparse loop
     * can reach, where nothing that is read serves twice. Where a vector holds two pixels of eight images, every third pass begins in the
     * middle of a cache line, as one tap of three does.
     *
     * @param bytes that every worker goes over
     */
    public static double fedGflops(Workers workers, int bytes) {
        return fedGflops(workers, KernelRegistry.current().probes(), bytes, Bursts.USUAL);
    }

    private static double fedGflops(Workers workers, ProbeKernel kernel, int bytes, Bursts bursts) {
        int step = ProbeKernel.FED_CHAINS * kernel.lanes();
        int floats = Math.max(1, bytes / Float.BYTES / step) * step;
        int shift = kernel.lanes() / (2 * Layout.LANES) * Layout.LANES;
        float[][] data = Bursts.arrays(workers, (floats + shift) * Float.BYTES);
        float[] weights = new float[kernel.lanes()];
        Arrays.fill(weights, 0.5f);
        float[] sink = new float[16 * workers.count()];
        int end = FIRST_FLOAT + floats;
        return bursts.best(() -> sink[0] = kernel.fedMultiplyAdds(data[0], FIRST_FLOAT, FIRST_FLOAT + step, 3, shift, weights), passes -> {
            long start = System.nanoTime();
            workers.run((worker, count) -> sink[16 * worker] =
                    kernel.fedMultiplyAdds(data[worker], FIRST_FLOAT, end, passes, shift, weights));
            return 2.0 * floats * workers.count() * passes / (System.nanoTime() - start);
        }, 3);
    }
}

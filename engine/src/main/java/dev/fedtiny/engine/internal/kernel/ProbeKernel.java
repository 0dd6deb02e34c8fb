package dev.fedtiny.engine.internal.kernel;

/** Loops that do nothing but reach a limit of the machine, so that the speed of other kernels can be put in relation to it. */
public interface ProbeKernel {
    /** Independent chains of multiply-adds: enough to hide their latency, few enough to stay in registers. */
    int CHAINS = 10;

    /** Values of one chain: the lanes of a vector, or 1. */
    int lanes();

    /**
     * Multiply-adds in registers (accumulators are summands, so that no copy of a register is needed): every round adds left · right to
     * each of {@link #CHAINS} chains of {@link #lanes} values.
     *
     * @return something that depends on all of them
     */
    float multiplyAdds(int rounds, float left, float right);

    /**
     * Multiply-adds that read a vector each, as those of a sparse loop do: the sum of {@code weight · data[from, to)}; the length is a
     * multiple of 128.
     *
     * @return something that depends on all of it
     */
    float fedMultiplyAdds(float[] data, int from, int to, float weight);

    /**
     * Reads {@code data[from, to)}; the length is a multiple of 64.
     *
     * @return something that depends on all of it
     */
    float read(float[] data, int from, int to);

    /** {@code y ← x} on {@code [from, to)}, a multiple of 64, through registers as kernels write. */
    void copy(float[] x, float[] y, int from, int to);
}

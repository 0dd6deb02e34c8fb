package dev.fedtiny.engine.internal.kernel;

/** Loops that do nothing but reach a limit of the machine, so that the speed of other kernels can be put in relation to it. */
public interface ProbeKernel {
    /** Independent chains of multiply-adds: enough to hide their latency, few enough to stay in registers. */
    int CHAINS = 10;

    /** The same where one operand is read, which takes a register less and some more cycles. */
    int FED_CHAINS = 12;

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
     * Multiply-adds that read a vector each, as those of a sparse loop do: adds {@code weights · data[from, to)} to {@link #FED_CHAINS}
     * chains of {@link #lanes} values that stay in registers, some passes long.
     *
     * @param to the length is a multiple of the values of all chains
     * @param shift floats by which the second of every three passes begins later
     * @param weights of every vector, as many values as {@link #lanes}: an array, since C2 would fill a register anew with a number before
     *     every multiply-add, on a port that multiplies
     * @return something that depends on all of it
     */
    float fedMultiplyAdds(float[] data, int from, int to, int passes, int shift, float[] weights);

    /**
     * Reads {@code data[from, to)}; the length is a multiple of 64.
     *
     * @return something that depends on all of it
     */
    float read(float[] data, int from, int to);

    /** {@code y ← x} on {@code [from, to)}, a multiple of 64, through registers as kernels write. */
    void copy(float[] x, float[] y, int from, int to);
}

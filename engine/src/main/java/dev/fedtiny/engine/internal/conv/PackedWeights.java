package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.ConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;
import dev.fedtiny.engine.internal.kernel.WinogradGradient;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.sparse.BitmaskWeights;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.CsrWeights;
import dev.fedtiny.engine.sparse.DenseWeights;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.PerAxis;
import java.util.List;

/**
 * The weights of one convolution in the form a kernel reads, forward and transposed. The structure is built once for a mask; values are
 * copied in by the {@code refresh} methods whenever they have changed. All positions and strides are in floats.
 */
public abstract class PackedWeights {
    /** What computes. */
    protected final KernelRegistry kernels;
    /** Layout the kernels read by. */
    protected final ScratchLayout layout;
    /** K, output channels. */
    protected final int rows;
    /** C/groups·R·S. */
    protected final int columns;
    /** Distance in the input each column reads at, in the channels of the first group. */
    protected final int[] offsets;
    /** Input phases with their taps; empty where no gradient of the input is wanted. */
    protected final BackwardPhase[] phases;

    PackedWeights(KernelRegistry kernels, ScratchLayout layout, boolean backward) {
        this.kernels = kernels;
        this.layout = layout;
        this.rows = layout.geometry().outputChannels();
        this.columns = layout.geometry().columns();
        this.offsets = layout.inputOffsets();
        List<BackwardPhase> all = backward ? BackwardPhase.of(layout) : List.of();
        this.phases = all.toArray(BackwardPhase[]::new);
    }

    /**
     * What a session computes a layer with. Its structure is there; values are taken over by the {@code refresh} methods.
     *
     * @param algorithm Winograd's only where {@link #transforms} says so; without meaning where the layout reads maps as they lie
     * @param backwardData whether {@link #backwardData} will be called
     */
    public static PackedWeights of(ConvolutionAlgorithm algorithm, ScratchLayout layout, Mask mask, boolean backwardData) {
        KernelRegistry kernels = KernelRegistry.current();
        int columns = layout.geometry().columns();
        if (layout.readsMaps()) {
            return new WindowPack(kernels, layout, mask);
        }
        return switch (algorithm) {
            case DENSE -> new DensePack(kernels, layout, mask, backwardData);
            case WINOGRAD -> new WinogradPack(kernels, layout, mask, backwardData);
            case CSR -> {
                int[] rowPointers = new int[layout.geometry().outputChannels() + 1];
                int[] columnIndices = new int[mask.count()];
                CsrWeights.readMask(mask, columns, rowPointers, columnIndices);
                yield new CsrPack(kernels, layout, rowPointers, columnIndices, backwardData);
            }
            case BITMASK -> new BitmaskPack(kernels, layout, BitmaskWeights.bits(mask), mask.count(), backwardData);
        };
    }

    /**
     * Weights made ready for kernels of one's choice. Of {@link CsrWeights} columns become distances in the laid-out input, of
     * {@link BitmaskWeights} the bits begin a word a row; both compute with the array of values itself, {@link DenseWeights} with a copy.
     * Values are taken over by the {@code refresh} methods.
     *
     * @param backwardData whether {@link #backwardData} will be called
     */
    public static PackedWeights of(Weights weights, KernelRegistry kernels, ScratchLayout layout, boolean backwardData) {
        return switch (weights) {
            case CsrWeights csr -> new CsrPack(kernels, layout, csr.rowPointers(), csr.columnIndices().clone(), backwardData);
            case BitmaskWeights bitmask -> new BitmaskPack(kernels, layout, bitmask.bits(), bitmask.count(), backwardData);
            case DenseWeights dense -> new DensePack(kernels, layout, dense.mask(), backwardData);
        };
    }

    /** Takes over all values. */
    public final void refresh(float[] values) {
        refreshForward(values, 0, rows);
        refreshBackward(values, 0, layout.geometry().input().channels());
    }

    /** Whether Winograd's transform has a form for a convolution: 3 × 3 taps, stride 1, one group, even maps from 4 × 4 on. */
    public static boolean transforms(Conv2dGeometry geometry) {
        return WinogradPack.covers(geometry);
    }

    /**
     * Floats of scratch that a thread needs for {@link #forward} and {@link #backwardData}.
     *
     * @param backwardData whether {@link #backwardData} will be called
     */
    public static int scratchFloats(ConvolutionAlgorithm algorithm, ScratchLayout layout, boolean backwardData) {
        return switch (algorithm) {
            case WINOGRAD -> WinogradPack.scratchFloats(layout.geometry());
            case CSR -> backwardData && layout.geometry().stride().width() > 1 && !layout.geometry().isDepthwise()
                    ? ConvolutionKernel.SPARSE_SCRATCH : 0;
            case DENSE, BITMASK -> 0;
        };
    }

    /** The same for {@link #denseGradient}. */
    public static int gradientScratchFloats(ConvolutionAlgorithm through, ScratchLayout layout) {
        return through == ConvolutionAlgorithm.WINOGRAD ? WinogradPack.gradientScratchFloats(layout.geometry()) : 0;
    }

    /**
     * Whether {@link #forward} computes a channel's whole plane before the next one's, so that channels may as well be asked for singly.
     *
     * @param active positions that the mask keeps
     */
    public static boolean forwardByPlanes(ConvolutionAlgorithm algorithm, ScratchLayout layout, int active) {
        return algorithm == ConvolutionAlgorithm.CSR && CsrPack.forwardByPlanes(layout, active);
    }

    /** The same of {@link #backwardData}. */
    public static boolean backwardByPlanes(ConvolutionAlgorithm algorithm, ScratchLayout layout, int active) {
        return algorithm == ConvolutionAlgorithm.CSR && CsrPack.backwardByPlanes(layout, active);
    }

    /** Rows that a call of {@link #denseGradient} should have. */
    public static int gradientRows(ConvolutionAlgorithm through) {
        return through == ConvolutionAlgorithm.WINOGRAD ? WinogradGradient.ROWS : KernelRegistry.current().weightGradients().denseRows();
    }

    /** Multiply-adds a pixel of {@link #denseGradient}. */
    public static long gradientPairs(ConvolutionAlgorithm through, ScratchLayout layout) {
        return through == ConvolutionAlgorithm.WINOGRAD ? WinogradPack.products(layout.geometry()) : layout.geometry().weights();
    }

    /**
     * Takes over the structure of another mask in place, where this form can and the mask keeps as many positions; values must be
     * refreshed then.
     *
     * @return whether it did; if not, nothing has changed
     */
    public boolean repack(Mask mask) {
        return false;
    }

    /** Takes over the values of rows {@code [from, to)} for the forward pass; {@code from} is a multiple of {@link #rowStep}. */
    public abstract void refreshForward(float[] values, int from, int to);

    /**
     * Takes over the values of input channels {@code [from, to)} for {@link #backwardData}; all forward rows must have been refreshed, and
     * {@code from} is a multiple of {@link #channelStep}.
     */
    public abstract void refreshBackward(float[] values, int from, int to);

    /**
     * Output channels {@code [from, to)} of one group.
     *
     * @param x scratch in the layout's input placement, from {@code xBase} on
     * @param start first value of each channel
     * @param scratch {@link #scratchFloats} floats of the calling thread's own from {@code scratchBase} on
     */
    public abstract void forward(float[] x, int xBase, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep,
            int from, int to, float[] scratch, int scratchBase);

    /**
     * Gradient of the input channels {@code [from, to)} of one group.
     *
     * @param dz scratch in the layout's gradient placement
     * @param start zeros for every channel, or null to add to what dx holds
     * @param dxPitch floats between rows of dx; {@code dxStep}: between its pixels
     * @param scratch as for {@link #forward}
     */
    public final void backwardData(float[] dz, int dzBase, float[] start, float[] dx, int dxBase, int dxChannel, int dxPitch, int dxStep,
            int from, int to, float[] scratch, int scratchBase) {
        PerAxis stride = layout.geometry().stride();
        for (int i = 0; i < phases.length; i++) {
            BackwardPhase phase = phases[i];
            backwardPhase(i, dz, dzBase, start, dx, dxBase + phase.row() * dxPitch + phase.column() * dxStep, dxChannel,
                    stride.height() * dxPitch, stride.width() * dxStep, phase.rows(), phase.columns(), from, to, scratch, scratchBase);
        }
    }

    abstract void backwardPhase(int index, float[] dz, int dzBase, float[] start, float[] dx, int dxBase, int dxChannel, int dxPitch,
            int dxStep, int phaseRows, int phaseColumns, int from, int to, float[] scratch, int scratchBase);

    /** Whether gradients of active positions are collected group by group into accumulators; otherwise over the whole batch at once. */
    public abstract boolean accumulates();

    /**
     * Adds one group to the gradient accumulators of rows {@code [from, to)}: eight floats an active position, in an order that only
     * {@link #join} of the same rows knows.
     *
     * @param dzBase position of the gradient placement in {@code dz}
     * @param accumulatorsBase where the accumulators of these rows begin
     */
    public abstract void accumulate(float[] x, int xBase, float[] dz, int dzBase, float[] accumulators, int accumulatorsBase, int from,
            int to);

    /** As above, where the accumulators of all rows lie from {@link Alignment#ORIGIN} on. */
    public final void accumulate(float[] x, int xBase, float[] dz, int dzBase, float[] accumulators, int from, int to) {
        accumulate(x, xBase, dz, dzBase, accumulators, accumulatorsOf(from), from, to);
    }

    /** Gradients of rows {@code [from, to)} from what {@link #accumulate} has collected for just these rows at the same place. */
    public void join(float[] accumulators, int accumulatorsBase, float[] gradient, int from, int to) {
        kernels.weightGradients().join(accumulators, accumulatorsBase, gradient, rowBegin(from), rowBegin(to));
    }

    /** As above, where the accumulators of all rows lie from {@link Alignment#ORIGIN} on. */
    public final void join(float[] accumulators, float[] gradient, int from, int to) {
        join(accumulators, accumulatorsOf(from), gradient, from, to);
    }

    private int accumulatorsOf(int row) {
        return Alignment.ORIGIN + Layout.LANES * rowBegin(row);
    }

    /** Active values before a row, where its own begin: a share of the accumulators begins at one of these places. */
    public abstract int rowBegin(int row);

    /**
     * Whether any active weight may read an input channel: only such channels need be there for {@link #forward} and {@link #accumulate}.
     */
    public boolean reads(int channel) {
        return true;
    }

    /** Whether the gradient of an output channel is read by {@link #backwardData} or {@link #accumulate}. */
    public final boolean readsGradient(int row) {
        return !accumulates() || rowBegin(row) < rowBegin(row + 1);
    }

    /** Whether each call of a pass prepares something for all rows: then few calls take less time than many do. */
    public boolean preparesRows() {
        return false;
    }

    /** Rows at a multiple of which a thread's share of {@link #forward} begins. */
    public int rowStep() {
        return 1;
    }

    /** Input channels at a multiple of which a thread's share of {@link #backwardData} begins. */
    public int channelStep() {
        return 1;
    }

    /** Where rows end that read the same input channels as row k, or {@code to} if that is before. */
    final int endOfGroup(int k, int to) {
        int groupRows = layout.geometry().groupOutputs();
        return Math.min(to, (k / groupRows + 1) * groupRows);
    }

    /** Position of the first input channel that row k reads, where the first of all lies at {@code xBase}. */
    final int inputOf(int k, int xBase) {
        return xBase + k / layout.geometry().groupOutputs() * layout.inputGroup();
    }

    /** Where input channels end that the same rows read as channel c, or {@code to} if that is before. */
    final int endOfChannels(int c, int to) {
        int groupChannels = layout.geometry().groupInputs();
        return Math.min(to, (c / groupChannels + 1) * groupChannels);
    }

    /** Position of the gradient of the first row that reads channel c, where the first of all lies at {@code dzBase}. */
    final int gradientOf(int c, int dzBase) {
        return dzBase + c / layout.geometry().groupInputs() * layout.gradientGroup();
    }

    /**
     * Gradients of all positions, active or pruned, of rows {@code [from, to)} and some input channels, over all groups.
     *
     * @param through Winograd's, where {@link #transforms} says so, whatever the weights' own form; else directly
     * @param xBase position of the first of all channels
     * @param firstChannel of a row's channels, and {@code channels} from there on: all that it reads where there are several groups of them
     * @param xGroup floats between groups in {@code x}; {@code dzGroup}: in {@code dz}
     * @param gradient receives row k at {@code gradientBase + (k - from)·channels·taps}
     * @param lanes scratch of the kernel of {@link WeightGradientKernel#dense}, which Winograd's does not need
     * @param scratch {@link #gradientScratchFloats} floats of the calling thread's own from {@code scratchBase} on
     */
    public final void denseGradient(ConvolutionAlgorithm through, float[] x, int xBase, int xGroup, int firstChannel, int channels,
            float[] dz, int dzBase, int dzGroup, int groups, float[] gradient, int gradientBase, float[] lanes, int lanesBase, int from,
            int to, float[] scratch, int scratchBase) {
        Conv2dGeometry geometry = layout.geometry();
        int first = xBase + firstChannel * layout.inputChannel();
        int dzFirst = dzBase + layout.gradientOrigin();
        if (through == ConvolutionAlgorithm.WINOGRAD) {
            WinogradGradient.run(kernels.winograd(), x, first, xGroup, layout.inputChannel(), layout.inputPitch(), dz, dzFirst, dzGroup,
                    layout.gradientChannel(), layout.gradientPitch(), groups, geometry.outputHeight(), geometry.outputWidth(), channels,
                    gradient, gradientBase, scratch, scratchBase, from, to);
        } else {
            int width = channels * geometry.taps();
            for (int k = from; k < to; k = endOfGroup(k, to)) {
                kernels.weightGradients().dense(x, inputOf(k, first), xGroup, layout.inputPitch(), dz, dzFirst, dzGroup,
                        layout.gradientChannel(), layout.gradientPitch(), groups, geometry.outputHeight(), geometry.outputWidth(), offsets,
                        width, gradient, gradientBase + (k - from) * width, lanes, lanesBase, k, endOfGroup(k, to));
            }
        }
    }

    /** Terms of all sums of the forward pass: active positions, or all of them where pruned ones are zeros. */
    public abstract long forwardPairs();

    /** Terms of the sums of one input phase. */
    abstract long backwardPairs(int phase);

    /** Multiply-adds of {@link #backwardData} for one lane: less than the forward pass has where taps reach over an edge. */
    public final long backwardProducts() {
        long products = 0;
        for (int i = 0; i < phases.length; i++) {
            products += backwardPairs(i) * phases[i].rows() * phases[i].columns();
        }
        return products;
    }

    /** Bytes of copies of values for the forward pass. */
    public long valueBytes() {
        return 0;
    }

    /** Bytes of the forward pass's positions. */
    public abstract long indexBytes();

    /** Bytes of the arrays that only {@link #backwardData} and its refreshing use. */
    public abstract long transposedBytes();

    /** Bytes of the phases' taps. */
    protected final long phaseBytes() {
        long bytes = 0;
        for (BackwardPhase phase : phases) {
            bytes += 8L * phase.taps().length;
        }
        return bytes;
    }
}

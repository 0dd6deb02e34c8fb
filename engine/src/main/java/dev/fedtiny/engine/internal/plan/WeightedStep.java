package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.PackBytes;
import dev.fedtiny.engine.internal.conv.PackedWeights;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A convolution or a linear layer: packed weights, and gradients at active positions. Rows are cut into shares, more than there are
 * threads, and go to whoever is free; image groups are added in order. Gradients of dense weights, and of a layer whose pruned positions
 * are to grow, are summed over the whole batch at once ({@link BatchGradient}).
 */
public abstract class WeightedStep extends Step implements GroupSchedule.Sums {
    final WeightParameters parameters;
    final InputPort input;
    /** How the pass under way comes by its input; said by {@link #forward} and {@link #backward}. */
    final InputReader reader;
    /** Where the pass under way has its output's gradient. */
    final BufferBinding outputGradient = new BufferBinding();
    /** Channels whose output gradient the backward pass computes. */
    ChannelSet gradientChannels = ChannelSet.ALL;
    final ScratchLayout layout;
    /** What the arena has left in the backward pass, where memory is short. */
    final RestScratch rest = new RestScratch();
    private final GradientSums sums;
    /** Gradients of all positions. */
    final BatchGradient batch;
    PackedWeights pack;
    /** Channels of the input that active weights read. */
    final ChannelSet readChannels = channel -> pack.reads(channel);
    ConvolutionAlgorithm algorithm;
    /** Whether {@link #pack} is another session's, which counts its memory. */
    private boolean sharing;
    private int kept;
    /** Whether the forward pass computes a channel's whole plane before the next one's. */
    boolean forwardByPlanes;
    /** The same of the gradient of the input. */
    boolean backwardByPlanes;
    Mask mask;
    private float[] values;
    float[] gradient;
    private float[] biases;
    private float[] biasGradient;
    /** Rows at which the shares of the gradients begin, for whoever is free: one a thread, then as many that are a third as large. */
    private int[] shares;
    private final AtomicInteger nextShare = new AtomicInteger();
    private final BiasGradient bias;
    private final Workers.Task refreshForward = this::refreshForwardShare;
    private final Workers.Task refreshBackward = this::refreshBackwardShare;
    private final Workers.Task collectTask = this::collect;

    WeightedStep(RunContext pass, int index, InputPort input, OutputPort output, ScratchLayout layout, WeightParameters parameters) {
        super(pass, index, List.of(input), output);
        this.input = input;
        this.reader = new InputReader(input);
        this.layout = layout;
        this.parameters = parameters;
        this.sums = new GradientSums(pass, rest);
        this.batch = new BatchGradient(this);
        this.bias = new BiasGradient(this, parameters.trainsBias() && pass.mode == Mode.TRAINING, pass.capacityGroups);
    }

    final int rows() {
        return layout.geometry().outputChannels();
    }

    final int columns() {
        return layout.geometry().columns();
    }

    /** Channels of the input that the kernels read for active weights, or all where gradients of all positions are wanted. */
    final int channelsRead() {
        return readChannels.count(layout.geometry().input().channels());
    }

    /** Whether the kernel reads the stored map itself. */
    final boolean readsAsStored() {
        return pass.lanesArePixels() && input.isDirect() && input.placement.isContiguous();
    }

    /** Multiply-adds of an active weight for one image. */
    abstract int positions();

    /** Multiply-adds of a forward pass for one image. */
    final long products() {
        return (long) pack.rowBegin(rows()) * positions();
    }

    /** Channels of the input that a backward pass computes: a gradient of all positions or a clamp's mask reads all of them. */
    final ChannelSet backwardChannels() {
        return sumsBatchAtOnce() || input.finishesByValue() ? ChannelSet.ALL : parameters.trainsWeight() ? readChannels : ChannelSet.NONE;
    }

    @Override
    final boolean differentiatesBy(InputPort ofInput) {
        return parameters.trainsWeight() || input.finishesByValue();
    }

    /** Position of the weight among the network's parameters. */
    public final int weightParameter() {
        return parameters.weight();
    }

    @Override
    final List<Integer> parameters() {
        return parameters.positions();
    }

    @Override
    public final String label(Network network) {
        String name = network.parameters().get(parameters.weight()).name();
        return name.substring(0, name.length() - ".weight".length());
    }

    /** Where slots of the output's gradient begin in {@link Workspace#gradient}: behind the accumulators. */
    final int gradientOrigin() {
        return Arrays32.ORIGIN + accumulatorFloats();
    }

    /** What {@link GradientSums} have of {@link Workspace#gradient}, at its beginning. */
    final int accumulatorFloats() {
        return sumsWeight() && !algorithm.coversPruned() ? sums.workspaceFloats() : 0;
    }

    /** Whether a row's gradients are complete when a thread has added it once. */
    abstract boolean sumsOneGroup();

    /** Channels of a contribution to the input's gradient that are computed before they are rounded, where they are. */
    abstract int contributionChannels();

    /** Whether a backward pass computes the weight's gradient. */
    final boolean sumsWeight() {
        return pass.mode == Mode.TRAINING && parameters.trainsWeight();
    }

    /** Groups whose maps lie side by side as the pixels of one, or 1. */
    abstract int gradientGroups();

    /** What this step computes with when {@code count} weights are kept. */
    private ConvolutionAlgorithm algorithm(AlgorithmPolicy algorithms, int count) {
        ConvolutionAlgorithm chosen = algorithms.choose(layout.geometry(), count, pass.mode);
        // Squares of pixels do not lie in the lanes that the transform wants them in.
        return chosen == ConvolutionAlgorithm.WINOGRAD && layout.lanesArePixels() ? ConvolutionAlgorithm.DENSE : chosen;
    }

    /** Takes over live arrays and, where the mask or form is another, packs anew. */
    final void bind(Mask newMask, AlgorithmPolicy algorithms, float[][] allValues, float[][] allGradients) {
        ConvolutionAlgorithm oldAlgorithm = algorithm;
        plan(algorithms, newMask.count());
        values = allValues[parameters.weight()];
        gradient = allGradients[parameters.weight()];
        if (parameters.hasBias()) {
            biases = allValues[parameters.bias()];
            biasGradient = allGradients[parameters.bias()];
        }
        if (pack == null || algorithm != oldAlgorithm || !newMask.equals(mask)) {
            // What fails half way, for want of memory, is of no mask: the next load must pack anew, whatever it brings.
            mask = null;
            if (pack == null || algorithm != oldAlgorithm || !pack.repack(newMask)) {
                // Given up first, so that it does not stand beside the new one.
                pack = null;
                pack = PackedWeights.of(algorithm, layout, newMask, pass.mode == Mode.TRAINING && input.feedsBack());
            }
            shares = shares(pass.threads());
        }
        mask = newMask;
    }

    /**
     * Computes with the packed weights of the same step of another session, both for inference.
     *
     * @param other is not to take over another mask or other values from now on
     */
    public final void share(WeightedStep other) {
        algorithm = other.algorithm;
        kept = other.kept;
        forwardByPlanes = other.forwardByPlanes;
        values = other.values;
        biases = other.biases;
        mask = other.mask;
        pack = other.pack;
        sharing = true;
        shares = shares(pass.threads());
    }

    /** Says what {@link #reserve} makes room for. */
    public final void plan(AlgorithmPolicy algorithms, int plannedKept) {
        algorithm = algorithm(algorithms, plannedKept);
        batch.plan(algorithm.coversPruned() ? algorithm : algorithm(algorithms, layout.geometry().weights()));
        kept = plannedKept;
        sums.plan(kept, columns(), sumsOneGroup());
        forwardByPlanes = PackedWeights.forwardByPlanes(algorithm, layout, kept);
        backwardByPlanes = pass.mode == Mode.TRAINING && input.feedsBack() && PackedWeights.backwardByPlanes(algorithm, layout, kept);
    }

    /** What {@link #account} would add after {@link #bind} with what is planned. */
    public final void accountPlanned(MemoryLedger ledger) {
        super.account(ledger);
        PackBytes bytes = PackBytes.of(algorithm, layout, kept, pass.mode == Mode.TRAINING && input.feedsBack());
        ledger.add(MemoryCategory.VALUES, bytes.values());
        ledger.add(MemoryCategory.INDICES, bytes.indices() + 4L * shareCount(pass.threads()) + 4);
        ledger.add(MemoryCategory.TRANSPOSED, bytes.transposed());
        ledger.add(MemoryCategory.GRADIENTS, bias.bytes());
    }

    /** Shares that rows are cut into: one a thread, then as many that are a third as large. */
    static int shareCount(int threads) {
        return threads == 1 ? 1 : 2 * threads;
    }

    /** Rows at which each share of the gradients begins, balanced by active positions. */
    private int[] shares(int threads) {
        int count = shareCount(threads);
        int[] begin = new int[count + 1];
        int row = 0;
        for (int share = 1; share < count; share++) {
            long aim = (long) pack.rowBegin(rows()) * quarters(share, threads) / (4L * threads);
            while (row < rows() && pack.rowBegin(row) < aim) {
                row++;
            }
            begin[share] = row;
        }
        begin[count] = rows();
        return begin;
    }

    /** The row where a part of so many begins that have about as many active positions, and whole packs. */
    final int firstRow(int part, int parts) {
        long aim = (long) pack.rowBegin(rows()) * part / parts;
        int row = 0;
        while (row < rows() && pack.rowBegin(row) < aim) {
            row += pack.rowStep();
        }
        return Math.min(row, rows());
    }

    /** Quarters of a thread's part of the work that lie before a share: a thread's first share is three, its second one. */
    static int quarters(int share, int threads) {
        return 3 * Math.min(share, threads) + Math.max(0, share - threads);
    }

    @Override
    public void reserve(Workspace workspace) {
        rest.restart();
        batch.restart();
        input.reserve(workspace, contributionChannels());
        workspace.needTransforms(PackedWeights.scratchFloats(algorithm, layout, pass.mode == Mode.TRAINING && input.feedsBack()));
        workspace.needZeros(Math.max(rows(), layout.geometry().input().channels()));
        if (sumsWeight()) {
            if (algorithm.coversPruned()) {
                reserveAtOnce(workspace);
            } else {
                sums.reserve();
                workspace.needGradient(accumulatorFloats());
            }
        }
        reserveSlots(workspace, accumulatorFloats());
    }

    /**
     * Takes what the arena has left in this step's passes.
     *
     * @param backward when the backward pass is
     */
    void fillRest(ArenaPlan arena, int backward) {
        if (runsBackward()) {
            rest.fill(arena, backward);
            input.contributeIn(rest);
        }
    }

    /** Takes over the current values. */
    final void refresh() {
        pass.team.run(this, PassKind.REFRESH, refreshForward);
        if (pass.mode == Mode.TRAINING && input.feedsBack()) {
            pass.team.run(operator, PassKind.REFRESH, refreshBackward);
        }
    }

    private void refreshForwardShare(int worker, int workers) {
        int step = pack.rowStep();
        pack.refreshForward(values, refreshFrom(rows(), step, worker, workers), refreshFrom(rows(), step, worker + 1, workers));
    }

    private void refreshBackwardShare(int worker, int workers) {
        int channels = layout.geometry().input().channels();
        int step = pack.channelStep();
        pack.refreshBackward(values, refreshFrom(channels, step, worker, workers), refreshFrom(channels, step, worker + 1, workers));
    }

    /** Where a worker's rows or channels begin. */
    private static int refreshFrom(int extent, int step, int worker, int workers) {
        int units = Math.ceilDiv(extent, step);
        return Math.min(extent, units * worker / workers * step);
    }

    /** Where the calling thread's scratch for {@link #pack} begins in {@link Workspace#transforms}. */
    final int transformBase() {
        return Arrays32.ORIGIN + pass.team.workers.current() * pass.workspace.transformFloats();
    }

    /** Where each output channel's sum begins. */
    final float[] start() {
        return parameters.hasBias() ? biases : pass.workspace.zeros;
    }

    /** Asks for pruned positions in the coming backward pass. */
    final void grow(GradientSink sink) {
        batch.grow(sink);
        if (sink != null) {
            reserveGrowth(pass.workspace);
        }
    }

    /** Asks for what a growth batch needs; a weight that is not trained does not grow. */
    public final void reserveGrowth(Workspace workspace) {
        if (sumsWeight()) {
            reserveAtOnce(workspace);
            workspace.needOffers(columns());
        }
    }

    /** Asks for what sums over the batch at once need. */
    private void reserveAtOnce(Workspace workspace) {
        batch.reserve(workspace);
        reserveBatch(workspace);
    }

    /** Asks for scratch that holds the batch. */
    abstract void reserveBatch(Workspace workspace);

    /** Whether gradients are summed over the batch at once. */
    final boolean sumsBatchAtOnce() {
        return parameters.trainsWeight() && (batch.growing() || !pack.accumulates());
    }

    /** Sums of the output's gradient, channel 0 of which lies at {@code base}, for the bias. */
    final void sumBias(int group, int base, int from, int to) {
        bias.sum(group, base, from, to);
    }

    /** Joins the groups' bias sums, in order. */
    final void joinBias(int groups) {
        bias.join(groups, biasGradient);
    }

    /** The gradients at active positions from all groups, which lie in the slots from 0 on. */
    final void weightGradients() {
        if (sumsBatchAtOnce()) {
            batch.run();
        } else {
            nextShare.set(0);
            pass.team.run(this, PassKind.BACKWARD_WEIGHT, collectTask);
        }
    }

    private void collect(int worker, int workers) {
        for (int share = nextShare.getAndIncrement(); share < shares(); share = nextShare.getAndIncrement()) {
            for (int group = 0; group < gradientGroups(); group++) {
                add(share, group, group);
            }
        }
    }

    @Override
    public final int shares() {
        return shares.length - 1;
    }

    @Override
    public final PassKind kind() {
        return PassKind.BACKWARD_WEIGHT;
    }

    @Override
    public final void add(int share, int group, int slot) {
        int to = shares[share + 1];
        int end;
        for (int k = shares[share]; k < to; k = end) {
            end = sums.end(pack, k, to);
            addRows(group, slot, k, end);
        }
    }

    private void addRows(int group, int slot, int from, int to) {
        int count = pack.rowBegin(to) - pack.rowBegin(from);
        if (count == 0) {
            return;
        }
        float[] data = sums.data();
        int base = sums.base(pack, from);
        if (group == 0) {
            Arrays.fill(data, base, base + Layout.LANES * count, 0);
        }
        pack.accumulate(reader.buffer.data(), reader.buffer.at(group, slot), outputGradient.data(), outputGradient.at(group, slot), data,
                base, from, to);
        if (group == gradientGroups() - 1) {
            pack.join(data, base, gradient, from, to);
        }
    }

    /** Joins the lanes of accumulators that all groups have been added to, of rows that were added together; all of them are held. */
    final void join(int from, int to) {
        pack.join(pass.workspace.gradient, gradient, from, to);
    }

    @Override
    public void account(MemoryLedger ledger) {
        super.account(ledger);
        if (!sharing) {
            ledger.add(MemoryCategory.VALUES, pack.valueBytes());
            ledger.add(MemoryCategory.INDICES, pack.indexBytes());
            ledger.add(MemoryCategory.TRANSPOSED, pack.transposedBytes());
        }
        ledger.add(MemoryCategory.INDICES, 4L * shares.length);
        ledger.add(MemoryCategory.GRADIENTS, bias.bytes());
    }
}

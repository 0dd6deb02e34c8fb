package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.PackBytes;
import dev.fedtiny.engine.internal.conv.PackedWeights;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
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
 * threads, and go to whoever is free; image groups are added in order. Dense weights, and a layer whose pruned positions are to grow, are
 * summed in registers over the whole batch, a few rows at a time; of a growing layer the rows are offered to its sink and forgotten.
 */
public abstract class WeightedStep extends Step implements GroupSchedule.Sums {
    private static final WeightGradientKernel GRADIENTS = KernelRegistry.current().weightGradients();
    /** Input channels of a part of a dense gradient's columns, at least. */
    private static final int LEAST_CHANNELS = 16;

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
    private final RestScratch rest = new RestScratch();
    private final GradientSums sums;
    /** Where scratch of dense gradients lies in it; −1 where that lies in the workspace. */
    private int lanesAt = -1;
    PackedWeights pack;
    /** Channels of the input that active weights read. */
    final ChannelSet readChannels = channel -> pack.reads(channel);
    ConvolutionAlgorithm algorithm;
    /** Whether {@link #pack} is another session's, which counts its memory. */
    private boolean sharing;
    /** How gradients of all positions are computed: as a layer with nothing pruned would, whatever the form of this one. */
    private ConvolutionAlgorithm through;
    private int kept;
    /** Whether the forward pass computes a channel's whole plane before the next one's. */
    boolean forwardByPlanes;
    /** The same of the gradient of the input. */
    boolean backwardByPlanes;
    private Mask mask;
    private float[] values;
    private float[] gradient;
    private float[] biases;
    private float[] biasGradient;
    /** Rows at which the shares of the gradients begin, for whoever is free: one a thread, then as many that are a third as large. */
    private int[] shares;
    private final AtomicInteger nextShare = new AtomicInteger();
    private double[] biasSums;
    /** Where pruned positions are offered in the current backward pass; null when they are not. */
    private GradientSink growth;
    private final Workers.Task refreshForward = this::refreshForwardShare;
    private final Workers.Task refreshBackward = this::refreshBackwardShare;
    private final Workers.Task collectTask = this::collect;
    private final Workers.Task batchTask = this::sumBatch;

    WeightedStep(RunContext pass, int index, InputPort input, OutputPort output, ScratchLayout layout, WeightParameters parameters) {
        super(pass, index, List.of(input), output);
        this.input = input;
        this.reader = new InputReader(input);
        this.layout = layout;
        this.parameters = parameters;
        this.sums = new GradientSums(pass, rest);
        this.biasSums = new double[parameters.trainsBias() && pass.mode == Mode.TRAINING ? pass.capacityGroups * rows() : 0];
    }

    final int rows() {
        return layout.geometry().outputChannels();
    }

    private int columns() {
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
        through = other.through;
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
        through = algorithm.coversPruned() ? algorithm : algorithm(algorithms, layout.geometry().weights());
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
        ledger.add(MemoryCategory.GRADIENTS, 8L * biasSums.length);
    }

    private static int shareCount(int threads) {
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

    /** Quarters of a thread's part of the work that lie before a share: a thread's first share is three, its second one. */
    private static int quarters(int share, int threads) {
        return 3 * Math.min(share, threads) + Math.max(0, share - threads);
    }

    @Override
    public void reserve(Workspace workspace) {
        rest.restart();
        lanesAt = -1;
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

    /** Rows of a dense gradient that are produced together. */
    private int tileRows() {
        return PackedWeights.gradientRows(through);
    }

    /** Multiply-adds a pixel of gradients of all positions. */
    final long gradientPairs() {
        return PackedWeights.gradientPairs(through, layout);
    }

    /**
     * Threads' shares of the rows of a dense gradient begin at a multiple of this: the transform pays for itself from some rows on, but
     * not where threads would have none.
     */
    private int shareRows(int threads) {
        int enough = through == ConvolutionAlgorithm.WINOGRAD ? tileRows() / 2 : tileRows() / 4;
        return Math.ceilDiv(rows(), enough) < threads ? tileRows() / 4 : enough;
    }

    /** Parts that the columns of a dense gradient are cut into where there are more threads than shares of rows. */
    private int channelParts(int units, int threads) {
        int channels = layout.geometry().groupInputs();
        return layout.geometry().groups() > 1 ? 1 : Math.min(Math.ceilDiv(threads, units), Math.ceilDiv(channels, LEAST_CHANNELS));
    }

    private void reserveTiles(Workspace workspace) {
        workspace.needTiles((long) pass.threads() * tileRows() * columns());
        workspace.needTransforms(PackedWeights.gradientScratchFloats(through, layout));
        if (through != ConvolutionAlgorithm.WINOGRAD) {
            long lanes = (long) pass.threads() * GRADIENTS.denseLanes(columns());
            lanesAt = lanesAt < 0 ? rest.take(lanes) : lanesAt;
            workspace.needLanes(lanesAt < 0 ? lanes : 0);
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
        growth = sink;
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
        reserveTiles(workspace);
        reserveBatch(workspace);
    }

    /** Asks for scratch that holds the batch. */
    abstract void reserveBatch(Workspace workspace);

    /** Whether pruned positions are wanted in the current backward pass. */
    final boolean growing() {
        return growth != null;
    }

    /** Whether gradients are summed over the batch at once. */
    final boolean sumsBatchAtOnce() {
        return parameters.trainsWeight() && (growth != null || !pack.accumulates());
    }

    /** Sums of the output's gradient, channel 0 of which lies at {@code base}, for the bias. */
    final void sumBias(int group, int base, int from, int to) {
        if (parameters.trainsBias()) {
            int channel = output.gradientPlacement.channel();
            ELEMENTWISE.sums(outputGradient.data(), base + from * channel, channel, to - from, channel / Layout.LANES, biasSums,
                    group * rows() + from);
        }
    }

    /** Joins the groups' bias sums, in order. */
    final void joinBias(int groups) {
        if (parameters.trainsBias()) {
            for (int k = 0; k < rows(); k++) {
                double sum = 0;
                for (int g = 0; g < groups; g++) {
                    sum += biasSums[g * rows() + k];
                }
                biasGradient[k] = (float) sum;
            }
        }
    }

    /** The gradients at active positions from all groups, which lie in the slots from 0 on. */
    final void weightGradients() {
        nextShare.set(0);
        if (sumsBatchAtOnce()) {
            pass.team.run(this, growth == null ? PassKind.BACKWARD_WEIGHT : PassKind.GROWTH, batchTask);
        } else {
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

    private void sumBatch(int worker, int workers) {
        int shareRows = shareRows(workers);
        int units = Math.ceilDiv(rows(), shareRows);
        int parts = channelParts(units, workers);
        int channels = layout.geometry().groupInputs();
        int count = parts == 1 ? shareCount(workers) : units;
        for (int next = nextShare.getAndIncrement(); next < count * parts; next = nextShare.getAndIncrement()) {
            int share = next / parts;
            int from = parts == 1 ? units * quarters(share, workers) / (4 * workers) * shareRows : share * shareRows;
            int end = parts == 1 ? units * quarters(share + 1, workers) / (4 * workers) * shareRows : from + shareRows;
            int channel = channels * (next % parts) / parts;
            sumBatchRows(worker, from, share == count - 1 ? rows() : end, channel, channels * (next % parts + 1) / parts - channel,
                    reader.buffer.at(0, 0), outputGradient.at(0, 0));
        }
    }

    /**
     * Gradients of all positions of some rows and some of their input channels, over all groups.
     *
     * @param x position of the first group's input
     * @param dz position of the first group's output gradient
     */
    final void sumBatchRows(int worker, int from, int end, int firstChannel, int channels, int x, int dz) {
        Workspace workspace = pass.workspace;
        int taps = layout.geometry().taps();
        boolean direct = mask.isFull() && channels * taps == columns();
        int tileBase = Arrays32.ORIGIN + worker * tileRows() * columns();
        float[] lanes = lanesAt < 0 ? workspace.lanes : rest.data();
        int lanesBase = (lanesAt < 0 ? Arrays32.ORIGIN : rest.at(lanesAt)) + worker * GRADIENTS.denseLanes(columns());
        for (int k = from; k < end; k += tileRows()) {
            int rowEnd = Math.min(end, k + tileRows());
            pack.denseGradient(through, reader.buffer.data(), x, reader.buffer.groupStride(), firstChannel, channels, outputGradient.data(),
                    dz, outputGradient.groupStride(), gradientGroups(), direct ? gradient : workspace.tiles,
                    direct ? k * columns() : tileBase, lanes, lanesBase, k, rowEnd, workspace.transforms, transformBase());
            if (growth != null) {
                pass.team.lap(worker, PassKind.GROWTH);
            }
            for (int row = k; row < rowEnd && !direct; row++) {
                takeRow(worker, tileBase + (row - k) * channels * taps, channels * taps, row, row * columns() + firstChannel * taps);
            }
            if (growth != null) {
                pass.team.lap(worker, PassKind.TOP_K);
            }
        }
    }

    /**
     * Keeps the gradients of active positions of a row, or of a part of it, and offers the others.
     *
     * @param at where in the tiles the first of {@code width} gradients lies
     * @param first its position among the weights
     */
    private void takeRow(int worker, int at, int width, int row, int first) {
        float[] tiles = pass.workspace.tiles;
        int begin = pack.rowBegin(row);
        int end = pack.rowBegin(row + 1);
        while (begin < end && mask.index(begin) < first) {
            begin++;
        }
        int next = begin;
        for (; next < end && mask.index(next) < first + width; next++) {
            gradient[next] = tiles[at + mask.index(next) - first];
        }
        if (growth != null) {
            offer(worker, at, width, first, begin, next);
        }
    }

    /**
     * Offers what is not below the sink's floor: such gradients are moved to the row's beginning, and all of them are offered together,
     * while other threads wait.
     *
     * @param begin the first of the row's active positions, which are not offered; {@code end}: behind the last
     */
    private void offer(int worker, int at, int width, int first, int begin, int end) {
        float[] tiles = pass.workspace.tiles;
        int offers = worker * pass.workspace.offerCount();
        float floor = growth.floor();
        int count = 0;
        int from = 0;
        if (floor > 0) {
            // What is kept is below the floor, so one loop without a branch goes over the whole row.
            for (int j = begin; j < end; j++) {
                tiles[at + mask.index(j) - first] = 0;
            }
        } else {
            for (int j = begin; j < end; j++) {
                int kept = mask.index(j) - first;
                count = collect(at, from, kept, first, floor, offers, count);
                from = kept + 1;
            }
        }
        count = collect(at, from, width, first, floor, offers, count);
        if (count > 0) {
            synchronized (growth) {
                growth.offer(pass.workspace.offers, offers, tiles, at, count);
            }
        }
    }

    /**
     * Moves gradients {@code [from, to)} of a row that are not below a floor, and their positions, behind {@code count} others. Numbers
     * that are not are above every floor.
     */
    private int collect(int at, int from, int to, int first, float floor, int offers, int count) {
        float[] row = pass.workspace.tiles;
        int[] positions = pass.workspace.offers;
        int below = Float.floatToRawIntBits(floor) - 1;
        int next = count;
        for (int i = from; i < to; i++) {
            float value = row[at + i];
            row[at + next] = value;
            positions[offers + next] = first + i;
            next += below - (Float.floatToRawIntBits(value) & Integer.MAX_VALUE) >>> Integer.SIZE - 1;
        }
        return next;
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
        ledger.add(MemoryCategory.GRADIENTS, 8L * biasSums.length);
    }
}

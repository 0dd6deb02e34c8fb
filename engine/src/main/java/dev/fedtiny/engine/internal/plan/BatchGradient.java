package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.PackedWeights;
import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.GradientSink;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gradients of all positions of a layer, pruned ones as well, summed in registers over the whole batch, a few rows at a time: those of
 * active positions are kept, the others are offered to the sink of a growing layer, and forgotten.
 */
final class BatchGradient {
    private static final WeightGradientKernel GRADIENTS = KernelRegistry.current().weightGradients();
    /** Input channels of a part of a row of gradients, at least. */
    private static final int LEAST_CHANNELS = 16;

    private final WeightedStep step;
    /** How they are computed: as a layer with nothing pruned would, whatever the form of this one. */
    private ConvolutionAlgorithm through;
    /** Where the kernel's lanes lie in what the arena has left; −1 where they lie in the workspace. */
    private int lanesAt = -1;
    /** Of pruned positions, in a backward pass in which they are wanted. */
    private final GrowthOffers offers;
    private final AtomicInteger nextShare = new AtomicInteger();
    private final Workers.Task task = this::sum;

    BatchGradient(WeightedStep step) {
        this.step = step;
        this.offers = new GrowthOffers(step.pass.workspace);
    }

    void plan(ConvolutionAlgorithm algorithm) {
        through = algorithm;
    }

    /** Begins a new reckoning of scratch. */
    void restart() {
        lanesAt = -1;
    }

    /** Asks for scratch, but for what holds the batch. */
    void reserve(Workspace workspace) {
        workspace.needTiles((long) step.pass.threads() * tileRows() * step.columns());
        workspace.needTransforms(PackedWeights.gradientScratchFloats(through, step.layout));
        if (through != ConvolutionAlgorithm.WINOGRAD) {
            long lanes = (long) step.pass.threads() * GRADIENTS.denseLanes(step.columns());
            lanesAt = lanesAt < 0 ? step.rest.take(lanes) : lanesAt;
            workspace.needLanes(lanesAt < 0 ? lanes : 0);
        }
    }

    /** Asks for pruned positions in the coming backward pass; null for none. */
    void grow(GradientSink sink) {
        offers.offerTo(sink);
    }

    /** Whether pruned positions are wanted in the current backward pass. */
    boolean growing() {
        return offers.wanted();
    }

    /** Multiply-adds a pixel. */
    long pairs() {
        return PackedWeights.gradientPairs(through, step.layout);
    }

    /** The gradients from all groups, which lie in the slots from 0 on. */
    void run() {
        nextShare.set(0);
        step.pass.team.run(step, growing() ? PassKind.GROWTH : PassKind.BACKWARD_WEIGHT, task);
    }

    /** Rows that are produced together. */
    private int tileRows() {
        return PackedWeights.gradientRows(through);
    }

    /**
     * Threads' shares of the rows begin at a multiple of this: the transform pays for itself from some rows on, but not where threads would
     * have none.
     */
    private int shareRows(int threads) {
        int enough = through == ConvolutionAlgorithm.WINOGRAD ? tileRows() / 2 : tileRows() / 4;
        return Math.ceilDiv(step.rows(), enough) < threads ? tileRows() / 4 : enough;
    }

    /** Parts that the columns are cut into where there are more threads than shares of rows. */
    private int channelParts(int units, int threads) {
        int channels = step.layout.geometry().groupInputs();
        return step.layout.geometry().groups() > 1 ? 1 : Math.min(Math.ceilDiv(threads, units), Math.ceilDiv(channels, LEAST_CHANNELS));
    }

    private void sum(int worker, int workers) {
        int rows = step.rows();
        int shareRows = shareRows(workers);
        int units = Math.ceilDiv(rows, shareRows);
        int parts = channelParts(units, workers);
        int channels = step.layout.geometry().groupInputs();
        int count = parts == 1 ? WeightedStep.shareCount(workers) : units;
        for (int next = nextShare.getAndIncrement(); next < count * parts; next = nextShare.getAndIncrement()) {
            int share = next / parts;
            int from = parts == 1 ? units * WeightedStep.quarters(share, workers) / (4 * workers) * shareRows : share * shareRows;
            int end = parts == 1 ? units * WeightedStep.quarters(share + 1, workers) / (4 * workers) * shareRows : from + shareRows;
            int channel = channels * (next % parts) / parts;
            sumRows(worker, from, share == count - 1 ? rows : end, channel, channels * (next % parts + 1) / parts - channel,
                    step.reader.buffer.at(0, 0), step.outputGradient.at(0, 0));
        }
    }

    /**
     * Gradients of some rows and some of their input channels, over all groups.
     *
     * @param x position of the first group's input
     * @param dz position of the first group's output gradient
     */
    void sumRows(int worker, int from, int end, int firstChannel, int channels, int x, int dz) {
        Workspace workspace = step.pass.workspace;
        int columns = step.columns();
        int taps = step.layout.geometry().taps();
        boolean direct = step.mask.isFull() && channels * taps == columns;
        int tileBase = Arrays32.ORIGIN + worker * tileRows() * columns;
        float[] lanes = lanesAt < 0 ? workspace.lanes : step.rest.data();
        int lanesBase = (lanesAt < 0 ? Arrays32.ORIGIN : step.rest.at(lanesAt)) + worker * GRADIENTS.denseLanes(columns);
        for (int k = from; k < end; k += tileRows()) {
            int rowEnd = Math.min(end, k + tileRows());
            step.pack.denseGradient(through, step.reader.buffer.data(), x, step.reader.buffer.groupStride(), firstChannel, channels,
                    step.outputGradient.data(), dz, step.outputGradient.groupStride(), step.gradientGroups(),
                    direct ? step.gradient : workspace.tiles, direct ? k * columns : tileBase, lanes, lanesBase, k, rowEnd,
                    workspace.transforms, step.transformBase());
            if (growing()) {
                step.pass.team.lap(worker, PassKind.GROWTH);
            }
            for (int row = k; row < rowEnd && !direct; row++) {
                takeRow(worker, tileBase + (row - k) * channels * taps, channels * taps, row, row * columns + firstChannel * taps);
            }
            if (growing()) {
                step.pass.team.lap(worker, PassKind.TOP_K);
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
        float[] tiles = step.pass.workspace.tiles;
        int begin = step.pack.rowBegin(row);
        int end = step.pack.rowBegin(row + 1);
        while (begin < end && step.mask.index(begin) < first) {
            begin++;
        }
        int next = begin;
        for (; next < end && step.mask.index(next) < first + width; next++) {
            step.gradient[next] = tiles[at + step.mask.index(next) - first];
        }
        if (growing()) {
            offers.offer(worker, at, width, first, step.mask, begin, next);
        }
    }
}

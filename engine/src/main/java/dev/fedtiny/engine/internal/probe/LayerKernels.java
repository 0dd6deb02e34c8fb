package dev.fedtiny.engine.internal.probe;

import dev.fedtiny.engine.internal.conv.PackedWeights;
import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;

/**
 * One convolution on random data of its own, its kernels called as a training session calls them: image groups shared out between workers
 * where there are enough, else channels; weights shared out by active positions. No pass but {@link LayerPass#PACK} allocates.
 */
public final class LayerKernels {
    static final int ORIGIN = Alignment.ORIGIN;
    private static final WeightGradientKernel GRADIENTS = KernelRegistry.current().weightGradients();
    private static final double GROWN_SHARE = 0.15;

    final Conv2dGeometry geometry;
    final Mask mask;
    final int groups;
    final float[] values;
    /** Contiguous maps {@code [group][C][H][W][8]}: the input, and the gradient of the output. */
    final float[] input;
    final float[] outputGradient;
    final float[] output;
    final float[] inputGradient;
    final float[] gradient;
    final TopK growth;
    final ConvolutionAlgorithm algorithm;
    private final Workers workers;
    private final ScratchLayout layout;
    private final Placement inputPlacement;
    private final Placement gradientPlacement;
    private final float[] x;
    private final float[] dz;
    private final float[] accumulators;
    private final float[] tiles;
    private final float[] lanes;
    private final float[] transforms;
    /** Rows of a dense gradient that are computed together; a worker's share begins at a multiple of a quarter. */
    private final int tileRows;
    private final int transformFloats;
    private final float[] zeros;
    private final int[] shares;
    private Residence residence;
    private PackedWeights pack;
    private final Workers.Task forward = this::forward;
    private final Workers.Task backwardData = this::backwardData;
    private final Workers.Task backwardWeight = this::backwardWeight;
    private final Workers.Task whole = this::whole;
    private final Workers.Task refreshForward = this::refreshForward;
    private final Workers.Task refreshBackward = this::refreshBackward;
    private boolean growing;

    /**
     * The convolution on {@code groups} groups of eight images.
     *
     * @param mask over the K × C/groups·R·S weights
     */
    public LayerKernels(Conv2dGeometry geometry, Mask mask, ConvolutionAlgorithm algorithm, int groups, Workers workers,
            Residence residence) {
        if (mask.size() != geometry.weights()) {
            throw new IllegalArgumentException("layer kernels: a mask of " + mask.size() + " positions for " + geometry.weights()
                    + " weights");
        }
        this.geometry = geometry;
        this.mask = mask;
        this.algorithm = algorithm;
        this.groups = groups;
        this.workers = workers;
        this.residence = residence;
        layout = new ScratchLayout(geometry);
        inputPlacement = layout.inputPlacement();
        gradientPlacement = layout.gradientPlacement();
        values = random("values", mask.count());
        input = random("input", groups * geometry.input().size() * Layout.LANES);
        outputGradient = random("gradient", groups * geometry.output().size() * Layout.LANES);
        x = new float[ORIGIN + groups * inputPlacement.floats()];
        dz = new float[ORIGIN + groups * gradientPlacement.floats()];
        for (int g = 0; g < groups; g++) {
            place(input, g * geometry.input().size() * Layout.LANES, inputPlacement, x, inputBase(g), geometry.input().channels(),
                    geometry.input().pixels());
            place(outputGradient, g * geometry.output().size() * Layout.LANES, gradientPlacement, dz, gradientBase(g),
                    geometry.outputChannels(), geometry.output().pixels());
        }
        output = new float[ORIGIN + outputGradient.length];
        inputGradient = new float[ORIGIN + input.length];
        pack();
        gradient = new float[mask.count()];
        accumulators = new float[pack.accumulates() ? ORIGIN + Layout.LANES * mask.count() : 0];
        tileRows = PackedWeights.gradientRows(algorithm);
        tiles = new float[ORIGIN + workers.count() * tileRows * geometry.columns()];
        lanes = new float[ORIGIN + workers.count() * GRADIENTS.denseLanes(geometry.columns())];
        transformFloats = Math.max(PackedWeights.scratchFloats(algorithm, layout, true), PackedWeights.gradientScratchFloats(algorithm,
                layout));
        transforms = new float[ORIGIN + workers.count() * transformFloats];
        zeros = new float[Math.max(geometry.outputChannels(), geometry.input().channels())];
        growth = new TopK((int) Math.min(mask.size() - mask.count(), Math.ceil(GROWN_SHARE * mask.count())));
        shares = shares();
    }

    private static float[] random(String what, int count) {
        RandomStream random = RandomStream.of(1, "probe-" + what);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return values;
    }

    private static void place(float[] map, int mapBase, Placement placement, float[] scratch, int base, int channels, int pixels) {
        for (Placement.Part part : placement.parts()) {
            KernelRegistry.current().elementwise().apply(map, mapBase + part.source(), pixels * Layout.LANES, part.sourcePitch(),
                    part.sourceStep(), scratch, base + part.place(), placement.channel(), part.pitch(), part.step(), channels, part.rows(),
                    part.columns(), null, null, 0, false, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
        }
    }

    private int[] shares() {
        int[] begin = new int[workers.count() + 1];
        int row = 0;
        for (int w = 1; w < workers.count(); w++) {
            while (row < geometry.outputChannels() && pack.rowBegin(row) < (long) mask.count() * w / workers.count()) {
                row++;
            }
            begin[w] = row;
        }
        begin[workers.count()] = geometry.outputChannels();
        return begin;
    }

    /** Does one pass over the whole batch. */
    public void run(LayerPass pass) {
        switch (pass) {
            case FORWARD -> workers.run(forward);
            case BACKWARD_DATA -> workers.run(backwardData);
            case BACKWARD_WEIGHT -> {
                growing = false;
                workers.run(pack.accumulates() ? backwardWeight : whole);
            }
            case GROWTH -> {
                growing = true;
                growth.clear();
                workers.run(whole);
            }
            case REFRESH -> refresh();
            case PACK -> pack();
        }
    }

    /** FLOPs of a pass over active positions (all of them for {@link LayerPass#GROWTH}), two a multiply-add, taps on padding included. */
    public double flops(LayerPass pass) {
        return pass == LayerPass.GROWTH ? denseFlops(pass) : denseFlops(pass) * mask.density();
    }

    /** FLOPs the same pass would have with nothing pruned; 0 where it does not compute. */
    public double denseFlops(LayerPass pass) {
        return pass.computes() ? 2.0 * groups * Layout.LANES * geometry.weights() * geometry.output().pixels() : 0;
    }

    /** Compares sampled results of every computing pass with sums in double. */
    public void verify() {
        Residence chosen = residence;
        residence = Residence.STREAMED;
        new LayerReference(this).verify();
        residence = chosen;
    }

    private int inputBase(int slot) {
        return ORIGIN + slot * inputPlacement.floats();
    }

    private int gradientBase(int slot) {
        return ORIGIN + slot * gradientPlacement.floats();
    }

    private int slot(int group, int worker) {
        return residence == Residence.SCRATCH ? worker : group;
    }

    private boolean byGroup(int count) {
        return groups >= count;
    }

    /** Where a worker's rows or channels begin when there are too few groups to share. */
    private static int share(int extent, int step, int worker, int count) {
        int units = Math.ceilDiv(extent, step);
        return Math.min(extent, units * worker / count * step);
    }

    private void forward(int worker, int count) {
        int pixels = geometry.output().pixels() * Layout.LANES;
        int channels = geometry.outputChannels();
        int from = byGroup(count) ? 0 : share(channels, pack.rowStep(), worker, count);
        int to = byGroup(count) ? channels : share(channels, pack.rowStep(), worker + 1, count);
        for (int g = firstGroup(worker, count); g < lastGroup(worker, count); g++) {
            pack.forward(x, inputBase(slot(g, byGroup(count) ? worker : 0)), zeros, output, ORIGIN + g * channels * pixels, pixels,
                    geometry.outputWidth() * Layout.LANES, Layout.LANES, from, to, transforms, ORIGIN + worker * transformFloats);
        }
    }

    private void backwardData(int worker, int count) {
        int pixels = geometry.input().pixels() * Layout.LANES;
        int channels = geometry.input().channels();
        int from = byGroup(count) ? 0 : share(channels, pack.channelStep(), worker, count);
        int to = byGroup(count) ? channels : share(channels, pack.channelStep(), worker + 1, count);
        for (int g = firstGroup(worker, count); g < lastGroup(worker, count); g++) {
            pack.backwardData(dz, gradientBase(slot(g, byGroup(count) ? worker : 0)), zeros, inputGradient, ORIGIN + g * channels * pixels,
                    pixels, geometry.input().width() * Layout.LANES, Layout.LANES, from, to, transforms, ORIGIN + worker * transformFloats);
        }
    }

    private int firstGroup(int worker, int count) {
        return byGroup(count) ? groups * worker / count : 0;
    }

    private int lastGroup(int worker, int count) {
        return byGroup(count) ? groups * (worker + 1) / count : groups;
    }

    private void backwardWeight(int worker, int count) {
        int from = shares[worker];
        int to = shares[worker + 1];
        int begin = pack.rowBegin(from);
        int end = pack.rowBegin(to);
        if (begin == end) {
            return;
        }
        Arrays.fill(accumulators, ORIGIN + Layout.LANES * begin, ORIGIN + Layout.LANES * end, 0);
        for (int g = 0; g < groups; g++) {
            int slot = slot(g, g % count);
            pack.accumulate(x, inputBase(slot), dz, gradientBase(slot), accumulators, from, to);
        }
        pack.join(accumulators, gradient, from, to);
    }

    private void whole(int worker, int count) {
        int columns = geometry.columns();
        int rows = geometry.outputChannels();
        int shareRows = tileRows / 4;
        int units = Math.ceilDiv(rows, shareRows);
        int tile = ORIGIN + worker * tileRows * columns;
        int end = Math.min(rows, units * (worker + 1) / count * shareRows);
        for (int k = units * worker / count * shareRows; k < end; k += tileRows) {
            int rowEnd = Math.min(end, k + tileRows);
            pack.denseGradient(algorithm, x, ORIGIN, inputPlacement.floats(), 0, geometry.groupInputs(), dz, ORIGIN,
                    gradientPlacement.floats(), groups, tiles, tile, lanes, ORIGIN + worker * GRADIENTS.denseLanes(columns), k, rowEnd,
                    transforms, ORIGIN + worker * transformFloats);
            for (int row = k; row < rowEnd; row++) {
                take(tile - k * columns, row * columns, (row + 1) * columns, pack.rowBegin(row));
            }
        }
    }

    /** Keeps the gradients of active positions {@code [first, last)} and offers the others. */
    private void take(int base, int first, int last, int begin) {
        int j = begin;
        if (!growing) {
            for (; j < mask.count() && mask.index(j) < last; j++) {
                gradient[j] = tiles[base + mask.index(j)];
            }
            return;
        }
        synchronized (growth) {
            offer(base, first, last, j);
        }
    }

    private void offer(int base, int first, int last, int begin) {
        int j = begin;
        float floor = growth.floor();
        for (int index = first; index < last; index++) {
            float value = tiles[base + index];
            if (j < mask.count() && mask.index(j) == index) {
                gradient[j++] = value;
            } else if (!(Math.abs(value) < floor)) {
                growth.offer(index, value);
                floor = growth.floor();
            }
        }
    }

    private void pack() {
        pack = PackedWeights.of(algorithm, layout, mask, true);
        refresh();
    }

    private void refresh() {
        workers.run(refreshForward);
        workers.run(refreshBackward);
    }

    private void refreshForward(int worker, int count) {
        int rows = geometry.outputChannels();
        pack.refreshForward(values, share(rows, pack.rowStep(), worker, count), share(rows, pack.rowStep(), worker + 1, count));
    }

    private void refreshBackward(int worker, int count) {
        int channels = geometry.input().channels();
        int step = pack.channelStep();
        pack.refreshBackward(values, share(channels, step, worker, count), share(channels, step, worker + 1, count));
    }
}

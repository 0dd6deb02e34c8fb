package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.ResidualChain;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;

/**
 * An operator of a session's plan: reads one value, stores one map. What all operators share lies here: computing a value into scratch,
 * statistics of a fresh output, the gradient of the output, and closing the gradient of what was read.
 */
public abstract class Step {
    static final ElementwiseKernel ELEMENTWISE = KernelRegistry.current().elementwise();
    /** Floats of a map that several small passes go over one after the other: 16 KB. */
    private static final int CHUNK_FLOATS = 4096;
    /** Rows of each grid that are taken at a time from a map that is taken apart. */
    private static final int SPLIT_ROWS = 8;
    private static final ThreadLocal<ResidualChain> CHAINS = ThreadLocal.withInitial(ResidualChain::new);

    final RunContext pass;
    final int index;
    final FusedInput input;
    final StoredActivation output;
    /** Where the input lies in scratch. */
    final Placement inputPlacement;
    /** Where the output's gradient lies in scratch. */
    final Placement gradientPlacement;
    /** Whether this step's contribution is the first to the input's gradient. */
    boolean begins;
    /** How the input comes into the lanes where they are tiles; null where they are images. */
    private TileReader tiles;
    /** The meter's number of this step; without meaning where nothing is measured. */
    public int operator;

    Step(RunContext pass, int index, FusedInput input, StoredActivation output, Placement inputPlacement, Placement gradientPlacement) {
        this.pass = pass;
        this.index = index;
        this.input = input;
        this.output = output;
        this.inputPlacement = inputPlacement;
        this.gradientPlacement = gradientPlacement;
        input.readers.add(this);
    }

    /** Computes the output of all groups of the pass. */
    abstract void forward();

    /** Turns the output value's gradient into gradients of parameters and a contribution to the input value's. */
    abstract void backward();

    /** Asks the workspace for what the step will use. */
    public abstract void reserve(Workspace workspace);

    /** What a meter calls it. */
    public abstract String label(Network network);

    /** Counts the work of a pass. */
    abstract void count(Meter meter, PassKind kind);

    /** Channels of the input that are computed in the pass under way. */
    int valueChannels() {
        return input.map.shape.channels();
    }

    /** Floats a group of the input that the pass under way keeps for another step. */
    long keptFloats() {
        return 0;
    }

    /** Channels whose output gradient is computed. */
    int gradientChannels() {
        return output.shape.channels();
    }

    /** Adds the bytes of arrays of the step's own. */
    public void account(MemoryLedger ledger) {
        if (tiles != null) {
            ledger.add(MemoryCategory.INDICES, tiles.bytes());
        }
    }

    /** Whether the input's value has a gradient that somebody needs. */
    final boolean feedsBack() {
        return input.needsGradient();
    }

    /** Whether this step is where the input's gradient becomes complete. */
    final boolean finishes() {
        return input.finish == index;
    }

    /** Lets the step read tiles. */
    final void readTiles(TileReader reader) {
        tiles = reader;
    }

    /** Where the pixels of the input, or of a lane's own tile of it, lie in scratch; null where tiles are handed out some other way. */
    final Placement laidOut() {
        return tiles == null ? inputPlacement : tiles.own();
    }

    /** Computes channels {@code [from, to)} of the input for one group, halo included. */
    final void readInput(int group, float[] scratch, int base, int from, int to) {
        if (tiles != null) {
            tiles.read(scratch, base, inputPlacement.channel(), from, to);
        } else {
            evaluate(input, group, scratch, base, inputPlacement, from, to);
        }
    }

    /** Asks for what reading the input needs besides the input's scratch. */
    final void reserveReading(Workspace workspace) {
        if (tiles != null) {
            tiles.reserve(workspace);
        }
    }

    /** Computes channels {@code [from, to)} of a value for one group, halo included, a few channels at a time. */
    static void evaluate(FusedInput value, int group, float[] scratch, int base, Placement placement, int from, int to) {
        int chunk = value.halved() ? 1 : chunk(placement.channel());
        ResidualChain chain = CHAINS.get();
        chain.clear();
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            placement.clearHalo(scratch, base, c, end);
            boolean begun = link(value, chain, group, scratch, base, placement, c, end);
            if (chain.count() > 0) {
                put(value, chain, scratch, base, placement, c, end, begun);
            }
        }
    }

    /**
     * Appends a value's links to a chain, its prefix's first. A full chain, and a map of half precision, which is widened into scratch that
     * all of a thread's share, are computed at once.
     *
     * @return whether the value's place holds the sum of links before the chain's
     */
    private static boolean link(FusedInput value, ResidualChain chain, int group, float[] scratch, int base, Placement placement, int from,
            int to) {
        boolean begun = value.prefix != null && link(value.prefix, chain, group, scratch, base, placement, from, to);
        if (chain.count() == ResidualChain.CAPACITY) {
            put(value, chain, scratch, base, placement, from, to, begun);
            begun = true;
        }
        StoredActivation map = value.map;
        Normalization norm = value.norm;
        boolean half = map.half != null;
        chain.add(half ? map.half.widened() : map.data, half ? map.half.widen(group, from) : map.at(group, from),
                norm == null ? null : norm.scale, norm == null ? null : norm.shift, value.relu);
        if (half) {
            put(value, chain, scratch, base, placement, from, to, begun);
        }
        return begun || half;
    }

    /**
     * Computes a chain's links and empties it. Where a placement takes rows apart, a few rows at a time, so that what several of its grids
     * read of them meets in the cache.
     */
    private static void put(FusedInput value, ResidualChain chain, float[] scratch, int base, Placement placement, int from, int to,
            boolean begun) {
        int channel = value.map.tile.pixels() * 8;
        Placement.Part[] parts = placement.parts();
        if (!placement.splits()) {
            putRows(chain, channel, scratch, base, placement, parts[0], 0, parts[0].rows(), from, to, begun);
        } else {
            for (int row = 0; row < value.map.tile.height(); row += SPLIT_ROWS) {
                for (Placement.Part part : parts) {
                    if (row < part.rows()) {
                        putRows(chain, channel, scratch, base, placement, part, row, Math.min(SPLIT_ROWS, part.rows() - row), from, to,
                                begun);
                    }
                }
            }
        }
        chain.clear();
    }

    private static void putRows(ResidualChain chain, int channel, float[] scratch, int base, Placement placement, Placement.Part part,
            int row,
            int rows, int from, int to, boolean begun) {
        ELEMENTWISE.sum(chain, part.source() + row * part.sourcePitch(), channel, part.sourcePitch(), part.sourceStep(), scratch,
                base + from * placement.channel() + part.place() + row * part.pitch(), placement.channel(), part.pitch(), part.step(),
                to - from, rows, part.columns(), from, begun);
    }

    /** Channels that fit a first-level cache. */
    static int chunk(int channelFloats) {
        return Math.max(1, CHUNK_FLOATS / channelFloats);
    }

    /** Where the output of a group is computed: in its place, or in scratch where it will be rounded to half precision. */
    final float[] fresh() {
        return output.half == null ? output.data : pass.workspace.gradient;
    }

    /** Position of a channel in {@link #fresh}. */
    final int freshAt(int group, int slot, int channel) {
        return output.half == null ? output.at(group, channel)
                : Arrays32.ORIGIN + slot * output.groupFloats + channel * output.tile.pixels() * 8;
    }

    /** Asks for scratch that holds a fresh output. */
    final void reserveFresh(Workspace workspace) {
        if (output.half != null) {
            output.half.reserve(workspace);
            workspace.needGradient((long) Math.min(pass.threads(), pass.capacityGroups) * output.groupFloats);
        }
    }

    /** Takes the moments of fresh output channels, where they are wanted, and keeps the channels. */
    final void keep(int group, int slot, int from, int to) {
        if (wantsMoments()) {
            moments(group, slot, from, to);
        }
        if (output.half != null) {
            output.half.save(fresh(), freshAt(group, slot, 0), group, from, to);
        }
    }

    /** Partial moments of fresh output channels for the normalisation built on the output. */
    final void moments(int group, int slot, int from, int to) {
        Normalization norm = output.value.norm;
        ELEMENTWISE.moments(fresh(), freshAt(group, slot, from), to - from, output.shape.pixels(), pass.lanes(group), norm.first,
                norm.second,
                group * norm.channels + from);
    }

    /** After all groups: coefficients of the normalisation built on the output. */
    final void normalizeOutput() {
        Normalization norm = output.value == null ? null : output.value.norm;
        if (norm != null && pass.mode != Mode.INFERENCE) {
            pass.team.start(operator);
            norm.useBatchStatistics(pass.groups(), output.shape.pixels(), pass.count());
            pass.team.stop(PassKind.STATISTICS, 0);
        }
    }

    /** Whether a fresh output's moments are wanted. */
    final boolean wantsMoments() {
        return pass.mode != Mode.INFERENCE && output.value != null && output.value.norm != null;
    }

    /** Before the groups: coefficients that turn the output value's gradient into the map's. */
    final void prepareOutputGradient() {
        pass.team.start(operator);
        prepareGradient(pass, output);
        pass.team.stop(PassKind.OUTPUT_GRADIENT, 0);
    }

    static void prepareGradient(RunContext pass, StoredActivation map) {
        if (map.value.norm != null) {
            map.value.norm.prepareBackward(pass.groups(), map.shape.pixels(), pass.count());
        }
    }

    /** The gradient of output channels {@code [from, to)} of one group, put down for the kernels. */
    final void outputGradient(int group, float[] scratch, int base, int from, int to) {
        int chunk = output.half == null || output.value.norm == null ? chunk(gradientPlacement.channel()) : 1;
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            gradientPlacement.clearHalo(scratch, base, c, end);
            if (output.half == null || output.value.norm == null) {
                combine(group, output.data, output.half == null ? output.at(group, c) : 0, scratch, base, c, end);
            } else {
                int at = output.half.widen(group, c);
                combine(group, output.half.widened(), at, scratch, base, c, end);
            }
        }
    }

    private void combine(int group, float[] z, int zAt, float[] scratch, int base, int from, int to) {
        FusedInput value = output.value;
        Normalization norm = value.norm;
        Placement.Part part = gradientPlacement.parts()[0];
        ELEMENTWISE.combine(value.gradient, value.gradientAt(group, from), z, zAt, scratch,
                base + from * gradientPlacement.channel() + part.place(), gradientPlacement.channel(), part.pitch(), part.step(),
                to - from, part.rows(), part.columns(), norm == null ? null : norm.a, norm == null ? null : norm.b,
                norm == null ? null : norm.c, from, pass.lanes(group));
    }

    /**
     * Closes the gradient of the input for some channels of one group, after the last contribution: ReLU's mask, the sums of its
     * normalisation, and what goes on to its prefix.
     *
     * @param scratch holds the input's value, at {@code base}
     */
    final void finishInput(int group, float[] scratch, int base, int from, int to) {
        int chunk = chunk(input.map.shape.pixels() * 8);
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            if (input.relu) {
                if (inputPlacement.holdsAll()) {
                    mask(input, group, scratch, base, inputPlacement, c, end);
                } else {
                    maskEvaluated(input, group, c, end);
                }
            }
            close(input, group, c, end);
        }
    }

    private void maskEvaluated(FusedInput value, int group, int from, int to) {
        int base = Arrays32.ORIGIN + pass.team.workers.current() * value.map.groupFloats;
        evaluate(value, group, pass.workspace.values, base, value.contiguous, from, to);
        mask(value, group, pass.workspace.values, base, value.contiguous, from, to);
    }

    private static void mask(FusedInput value, int group, float[] scratch, int base, Placement placement, int from, int to) {
        int channel = value.map.shape.pixels() * 8;
        for (Placement.Part part : placement.parts()) {
            ELEMENTWISE.maskPositive(scratch, base + from * placement.channel() + part.place(), placement.channel(), part.pitch(),
                    part.step(),
                    value.gradient, value.gradientAt(group, from) + part.source(), channel, part.sourcePitch(), part.sourceStep(),
                    to - from, part.rows(), part.columns());
        }
    }

    private void reduce(FusedInput value, int group, float[] z, int zAt, int from, int to) {
        Normalization norm = value.norm;
        ELEMENTWISE.reduce(value.gradient, value.gradientAt(group, from), z, zAt, to - from, value.map.shape.pixels(),
                pass.lanes(group), norm.mean, from, norm.first, norm.second, group * norm.channels + from);
    }

    /** Sums of a complete gradient, and the way on to the prefix. */
    private void close(FusedInput value, int group, int from, int to) {
        StoredActivation map = value.map;
        if (value.norm != null && map.half == null) {
            reduce(value, group, map.data, map.at(group, from), from, to);
        } else if (value.norm != null) {
            for (int c = from; c < to; c++) {
                int at = map.half.widen(group, c);
                reduce(value, group, map.half.widened(), at, c, c + 1);
            }
        }
        FusedInput prefix = value.prefix;
        if (prefix == null || !prefix.needsGradient()) {
            return;
        }
        int floats = (to - from) * map.shape.pixels() * 8;
        if (prefix.link == FusedInput.Link.COPIED) {
            System.arraycopy(value.gradient, value.gradientAt(group, from), prefix.gradient, prefix.gradientAt(group, from), floats);
        } else if (prefix.link == FusedInput.Link.ADDED) {
            ELEMENTWISE.add(value.gradient, value.gradientAt(group, from), prefix.gradient, prefix.gradientAt(group, from), floats);
        }
        if (prefix.finish == index && prefix.lastIsLink) {
            if (prefix.relu) {
                maskEvaluated(prefix, group, from, to);
            }
            close(prefix, group, from, to);
        }
    }
}

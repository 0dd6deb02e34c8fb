package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;

/**
 * Where a step reads one value: it is computed into scratch, and the step's contribution to the value's gradient goes back the same way.
 * The last contribution of all readers closes the gradient: the clamp's mask, the sums of the value's normalisation, and what goes on to
 * its prefix.
 */
final class InputPort {
    private static final ElementwiseKernel ELEMENTWISE = KernelRegistry.current().elementwise();

    final FusedInput value;
    /** Where the value lies in scratch. */
    final Placement placement;
    /** Number of the step that reads. */
    final int step;
    private final RunContext pass;
    /** How the value comes into the lanes where they are tiles; null where they are images. */
    private final TileReader tiles;
    /** Whether this contribution is the first to the value's gradient. */
    private boolean begins;

    /** A port of images. */
    InputPort(RunContext pass, int step, FusedInput value, Placement placement) {
        this(pass, step, value, placement, null);
    }

    /**
     * A port of images, or of tiles.
     *
     * @param tiles reads what is wanted of the value when lanes are tiles; null where they are images
     */
    InputPort(RunContext pass, int step, FusedInput value, Placement placement, TileReader tiles) {
        this.pass = pass;
        this.step = step;
        this.value = value;
        this.placement = placement;
        this.tiles = tiles;
        value.readers.add(this);
    }

    /** Asks for what reading needs besides the value's scratch. */
    void reserve(Workspace workspace) {
        if (tiles != null) {
            tiles.reserve(workspace);
        }
    }

    /** Bytes of the tables that reading tiles needs. */
    long bytes() {
        return tiles == null ? 0 : tiles.bytes();
    }

    /** Where the pixels of the value, or of a lane's own tile of it, lie in scratch; null where tiles are handed out some other way. */
    Placement laidOut() {
        return tiles == null ? placement : tiles.own();
    }

    /** Whether the stored map itself is what is read, so that scratch is not needed where it may lie contiguously. */
    boolean isDirect() {
        return tiles == null && value.isStored() && value.map.half == null;
    }

    /** Computes channels {@code [from, to)} of the value for one group, halo included. */
    void read(int group, float[] scratch, int base, int from, int to) {
        if (tiles != null) {
            tiles.read(scratch, base, placement.channel(), from, to);
        } else {
            value.evaluate(group, scratch, base, placement, from, to);
        }
    }

    /** Whether the value has a gradient that somebody needs. */
    boolean feedsBack() {
        return value.needsGradient();
    }

    /** Whether this contribution is the first to the value's gradient, which so need not be cleared. */
    boolean begins() {
        return begins;
    }

    /** Once it is known who reads the value and when. */
    void planGradient() {
        boolean fresh = value.link == null || value.link == FusedInput.Link.ADDED;
        begins = feedsBack() && fresh && step == value.largestReader();
    }

    /** Whether the gradient becomes complete by this step's contribution. */
    boolean finishes() {
        return feedsBack() && value.finish == step;
    }

    /** Whether closing the gradient looks at the value as it lies in scratch. */
    boolean finishesByValue() {
        return finishes() && value.clamp != null && placement.holdsAll();
    }

    /**
     * Closes the gradient for some channels of one group, after the last contribution.
     *
     * @param scratch holds the value at {@code base} where {@link #finishesByValue}
     */
    void finish(int group, float[] scratch, int base, int from, int to) {
        int chunk = Step.chunk(value.map.shape.pixels() * Layout.LANES);
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            if (value.clamp != null) {
                if (placement.holdsAll()) {
                    mask(value, group, scratch, base, placement, c, end);
                } else {
                    maskEvaluated(value, group, c, end);
                }
            }
            close(value, group, c, end);
        }
    }

    private void maskEvaluated(FusedInput masked, int group, int from, int to) {
        int base = Arrays32.ORIGIN + pass.team.workers.current() * masked.map.groupFloats;
        masked.evaluate(group, pass.workspace.values, base, masked.contiguous, from, to);
        mask(masked, group, pass.workspace.values, base, masked.contiguous, from, to);
    }

    private static void mask(FusedInput masked, int group, float[] scratch, int base, Placement placement, int from, int to) {
        int channel = masked.map.shape.pixels() * Layout.LANES;
        for (Placement.Part part : placement.parts()) {
            ELEMENTWISE.maskInside(scratch, base + from * placement.channel() + part.place(), placement.channel(), part.pitch(),
                    part.step(), masked.gradient, masked.gradientAt(group, from) + part.source(), channel, part.sourcePitch(),
                    part.sourceStep(), to - from, part.rows(), part.columns(), masked.lower(), masked.upper());
        }
    }

    private void reduce(FusedInput closed, int group, int from, int to) {
        StoredActivation map = closed.map;
        if (map.half == null) {
            reduce(closed, group, map.data, map.at(group, from), from, to);
            return;
        }
        for (int c = from; c < to; c++) {
            int at = map.half.widen(group, c);
            reduce(closed, group, map.half.widened(), at, c, c + 1);
        }
    }

    private void reduce(FusedInput closed, int group, float[] z, int zAt, int from, int to) {
        Normalization norm = closed.norm;
        closed.map.storage.reduce(closed.gradient, closed.gradientAt(group, from), z, zAt, to - from, closed.map.shape.pixels(),
                pass.lanes(group), norm.mean, from, norm.first, norm.second, group * norm.channels + from);
    }

    /** Sums of a complete gradient, and the way on to the prefix. */
    private void close(FusedInput closed, int group, int from, int to) {
        StoredActivation map = closed.map;
        if (closed.norm != null && closed.norm.isTrained) {
            reduce(closed, group, from, to);
        }
        FusedInput prefix = closed.prefix;
        if (prefix == null || !prefix.needsGradient()) {
            return;
        }
        int floats = (to - from) * map.shape.pixels() * Layout.LANES;
        if (prefix.link == FusedInput.Link.COPIED) {
            System.arraycopy(closed.gradient, closed.gradientAt(group, from), prefix.gradient, prefix.gradientAt(group, from), floats);
        } else if (prefix.link == FusedInput.Link.ADDED) {
            ELEMENTWISE.add(closed.gradient, closed.gradientAt(group, from), prefix.gradient, prefix.gradientAt(group, from), floats);
        }
        if (prefix.finish == step && prefix.lastIsLink) {
            if (prefix.clamp != null) {
                maskEvaluated(prefix, group, from, to);
            }
            close(prefix, group, from, to);
        }
    }
}

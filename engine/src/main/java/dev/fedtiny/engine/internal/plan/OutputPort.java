package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.tensor.Layout;

/**
 * Where a step writes its output: in its place, or by way of scratch where it is rounded when it is stored, or has gaps; the moments of
 * what is stored are taken while it lies in the cache. Backward, the output's gradient comes in here.
 */
final class OutputPort {
    final StoredActivation map;
    /** Where the output's gradient lies in scratch. */
    final Placement gradientPlacement;
    /** Whether the map's gradient may take the place of the value's, which nobody reads afterwards, where a kernel takes it as it lies. */
    boolean inPlace;
    private final RunContext pass;
    /** What happens to the output of a single image's pixels; null where lanes are something else. */
    private final PixelOutput pixels;
    /** Outputs that are computed before they are stored. */
    private final FreshScratch fresh;

    OutputPort(RunContext pass, StoredActivation map, Placement gradientPlacement) {
        this(pass, map, gradientPlacement, null);
    }

    /**
     * The output of a step that works on pixels side by side.
     *
     * @param pixels how a kernel lays it out
     */
    OutputPort(RunContext pass, StoredActivation map, Placement gradientPlacement, PixelOutput pixels) {
        this.pass = pass;
        this.map = map;
        this.gradientPlacement = gradientPlacement;
        this.pixels = pixels;
        this.fresh = new FreshScratch(pass);
    }

    /** Whether the output is computed in scratch, a few channels at a time, and stored from there. */
    boolean stages() {
        return map.rounds() || pixels != null && pixels.isStaged();
    }

    /** Whether what is built on the map can be normalised and clamped on the way to where it is stored. */
    boolean canFinish() {
        return pixels != null && map.value != null && map.value.prefix == null;
    }

    /** Whether it is worth taking a few channels at a time, which are gone over once more while they lie in the cache. */
    boolean isRevisited() {
        return stages() || pixels != null && pixels.revisits(map);
    }

    /** What becomes of an output before it is stored, for kernels that see to it. */
    ChannelFunction function() {
        return PixelOutput.function(map);
    }

    /** Floats between channels where a kernel writes. */
    int channelFloats() {
        return pixels == null ? map.channelFloats() : pixels.channelFloats();
    }

    /** Floats between rows where a kernel writes. */
    int pitch() {
        return map.tile.width() * Layout.LANES;
    }

    /** Where the output of a group is computed: in its place, or in a piece of scratch. */
    float[] fresh() {
        return stages() ? fresh.data() : map.data;
    }

    /** Position of channel 0 of a group in {@link #fresh}, where the calling thread computes channels from {@code first} on. */
    int freshBase(int group, int first) {
        return freshBase(pass.team.workers.current(), group, first);
    }

    /** Position of channel 0 of a group in {@link #fresh}, where channels from {@code first} on are computed in a piece of scratch. */
    int freshBase(int piece, int group, int first) {
        return stages() ? fresh.base(piece) - first * channelFloats() : map.at(group, 0);
    }

    /** Computes fresh outputs in what is left of the arena, where that is enough. */
    void computeIn(RestScratch rest) {
        fresh.lieIn(rest);
    }

    /** Asks for scratch that holds so many channels of a fresh output. */
    void reserve(Workspace workspace, int channels) {
        if (stages()) {
            fresh.reserve(workspace, Math.min(channels, map.shape.channels()) * channelFloats());
        }
    }

    /** Stores channels {@code [from, to)} that the calling thread has computed, fresh from {@code first} on. */
    void keep(int group, int first, int from, int to) {
        keep(pass.team.workers.current(), group, first, from, to);
    }

    /**
     * Stores channels {@code [from, to)} of a group, and takes their moments where they are wanted.
     *
     * @param piece of scratch that they are in, fresh from {@code first} on
     */
    void keep(int piece, int group, int first, int from, int to) {
        if (pixels != null) {
            pixels.store(map, fresh(), freshBase(piece, group, first), from, to);
            return;
        }
        if (!map.rounds()) {
            moments(group, from, to);
            return;
        }
        int chunk = Step.chunk(map.channelFloats());
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            map.storage.write(fresh(), freshBase(piece, group, first) + c * map.channelFloats(), map.data, map.at(group, c),
                    (end - c) * map.channelFloats());
            moments(group, c, end);
        }
    }

    /** Partial moments of stored channels for the normalisation built on the output, where it wants them. */
    void moments(int group, int from, int to) {
        if (wantsMoments()) {
            Normalization norm = map.value.norm;
            map.storage.moments(map.data, map.at(group, from), to - from, map.shape.pixels(), pass.lanes(group), norm.first, norm.second,
                    group * norm.channels + from);
        }
    }

    /** Puts stored channels {@code [from, to)} of a group into scratch, contiguously. */
    void read(int group, float[] scratch, int base, int from, int to) {
        map.storage.read(map.data, map.at(group, from), scratch, base, (to - from) * map.channelFloats());
    }

    /** Whether a fresh output's moments are wanted. */
    boolean wantsMoments() {
        return map.value != null && map.value.norm != null && map.value.norm.usesBatch;
    }

    /** After all groups: coefficients of the normalisation built on the output. */
    void normalize(int operator) {
        if (wantsMoments()) {
            pass.team.start(operator);
            map.value.norm.useBatchStatistics(pass.groups(), map.shape.pixels(), pass.count());
            pass.team.stop(PassKind.STATISTICS, 0);
        }
    }

    /** Before the groups: gradients of the normalisation built on the output, and what turns the value's gradient into the map's. */
    void prepareGradient(int operator) {
        pass.team.start(operator);
        map.prepareGradient(pass);
        pass.team.stop(PassKind.OUTPUT_GRADIENT, 0);
    }

    /** Floats of scratch that a group's gradient needs. */
    int gradientFloats() {
        return inPlace ? 0 : gradientPlacement.floats();
    }

    /** The gradient of channels {@code [from, to)} of one group, put down for the kernels. */
    void gradient(int group, float[] scratch, int base, int from, int to) {
        int chunk = Step.chunk(gradientPlacement.channel());
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            gradientPlacement.clearHalo(scratch, base, c, end);
            combine(group, scratch, base, c, end);
        }
    }

    private void combine(int group, float[] scratch, int base, int from, int to) {
        FusedInput value = map.value;
        Normalization norm = value.norm;
        Placement.Part part = gradientPlacement.parts()[0];
        map.storage.combine(value.gradient, value.gradientAt(group, from), map.data, map.at(group, from), scratch,
                base + from * gradientPlacement.channel() + part.place(), gradientPlacement.channel(), part.pitch(), part.step(),
                to - from, part.rows(), part.columns(), norm == null ? null : norm.a, norm == null ? null : norm.b,
                norm == null ? null : norm.c, from, pass.lanes(group));
    }
}

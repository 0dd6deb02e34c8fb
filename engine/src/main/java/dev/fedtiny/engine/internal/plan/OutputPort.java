package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.tensor.Layout;

/**
 * Where a step writes its output: in its place, or by way of scratch where it is kept in half precision; the moments of what is fresh are
 * taken while it lies in the cache. Backward, the output's gradient comes in here.
 */
final class OutputPort {
    final StoredActivation map;
    /** Where the output's gradient lies in scratch. */
    final Placement gradientPlacement;
    private final RunContext pass;

    OutputPort(RunContext pass, StoredActivation map, Placement gradientPlacement) {
        this.pass = pass;
        this.map = map;
        this.gradientPlacement = gradientPlacement;
    }

    /** Where the output of a group is computed: in its place, or in scratch where it will be rounded to half precision. */
    float[] fresh() {
        return map.half == null ? map.data : pass.workspace.gradient;
    }

    /** Position of a channel in {@link #fresh}. */
    int freshAt(int group, int slot, int channel) {
        return map.half == null ? map.at(group, channel)
                : Arrays32.ORIGIN + slot * map.groupFloats + channel * map.tile.pixels() * Layout.LANES;
    }

    /** Asks for scratch that holds a fresh output. */
    void reserve(Workspace workspace) {
        if (map.half != null) {
            map.half.reserve(workspace);
            workspace.needGradient((long) Math.min(pass.threads(), pass.capacityGroups) * map.groupFloats);
        }
    }

    /** Takes the moments of fresh channels, where they are wanted, and keeps the channels. */
    void keep(int group, int slot, int from, int to) {
        if (wantsMoments()) {
            moments(group, slot, from, to);
        }
        if (map.half != null) {
            map.half.save(fresh(), freshAt(group, slot, 0), group, from, to);
        }
    }

    /** Partial moments of fresh channels for the normalisation built on the output. */
    void moments(int group, int slot, int from, int to) {
        Normalization norm = map.value.norm;
        map.storage.moments(fresh(), freshAt(group, slot, from), to - from, map.shape.pixels(), pass.lanes(group), norm.first, norm.second,
                group * norm.channels + from);
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

    /** The gradient of channels {@code [from, to)} of one group, put down for the kernels. */
    void gradient(int group, float[] scratch, int base, int from, int to) {
        int chunk = map.half == null || map.value.norm == null ? Step.chunk(gradientPlacement.channel()) : 1;
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            gradientPlacement.clearHalo(scratch, base, c, end);
            if (map.half == null || map.value.norm == null) {
                combine(group, map.data, map.half == null ? map.at(group, c) : 0, scratch, base, c, end);
            } else {
                int at = map.half.widen(group, c);
                combine(group, map.half.widened(), at, scratch, base, c, end);
            }
        }
    }

    private void combine(int group, float[] z, int zAt, float[] scratch, int base, int from, int to) {
        FusedInput value = map.value;
        Normalization norm = value.norm;
        Placement.Part part = gradientPlacement.parts()[0];
        map.storage.combine(value.gradient, value.gradientAt(group, from), z, zAt, scratch,
                base + from * gradientPlacement.channel() + part.place(), gradientPlacement.channel(), part.pitch(), part.step(),
                to - from, part.rows(), part.columns(), norm == null ? null : norm.a, norm == null ? null : norm.b,
                norm == null ? null : norm.c, from, pass.lanes(group));
    }
}

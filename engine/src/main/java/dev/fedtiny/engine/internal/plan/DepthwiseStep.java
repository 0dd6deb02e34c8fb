package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.internal.conv.WindowPack;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A depthwise convolution: its outputs read one channel each, so it goes channel by channel, a few where planes are small, and scratch of
 * these stays in the first-level cache from the stored map to the stored output. Backward, a thread takes channels through all groups in
 * order, from the output's gradient to the end of the input's and to the weights' gradients, which so need no other thread.
 */
final class DepthwiseStep extends WeightedStep {
    private static final PassKind[] BACKWARD = {PassKind.OUTPUT_GRADIENT, PassKind.BACKWARD_DATA, PassKind.VALUE, PassKind.INPUT_GRADIENT,
        PassKind.BACKWARD_WEIGHT};
    private static final PassKind[] GROWING = {PassKind.OUTPUT_GRADIENT, PassKind.BACKWARD_DATA, PassKind.VALUE, PassKind.INPUT_GRADIENT,
        PassKind.GROWTH};
    /** Where the weight is not trained. */
    private static final PassKind[] FROZEN = {PassKind.OUTPUT_GRADIENT, PassKind.BACKWARD_DATA, PassKind.VALUE, PassKind.INPUT_GRADIENT};

    /** Output channels of an input channel. */
    private final int multiplier;
    /** Input channels that are taken through everything together. */
    private final int together;
    private final Team.GroupTask[] forwardSteps = {new Forward()};
    private final Workers.Task backwardTask = this::backwardShare;
    /** How many pieces of channels the backward pass has taken. */
    private final AtomicInteger taken = new AtomicInteger();

    DepthwiseStep(RunContext pass, int index, InputPort input, OutputPort output, ScratchLayout layout, WeightParameters parameters) {
        super(pass, index, input, output, layout, parameters);
        multiplier = layout.geometry().groupOutputs();
        // Every thread finds some to do.
        together = Math.min(chunk(Math.max(input.placement.channel(), multiplier * output.gradientPlacement.channel())),
                Math.ceilDiv(channels(), pass.threads()));
    }

    private int channels() {
        return layout.geometry().input().channels();
    }

    /** Input channels in scratch at a time: where gradients of all positions are wanted, one, of all groups. */
    private int channelsAtATime() {
        return runsBackward() && sumsBatchAtOnce() ? 1 : Math.min(together, channels());
    }

    @Override
    public void reserve(Workspace workspace) {
        super.reserve(workspace);
        output.reserve(workspace, together * multiplier);
    }

    @Override
    void reserveSlots(Workspace workspace, int accumulators) {
        workspace.needEdges(edgeFloats);
        if (pass.banded()) {
            workspace.needBandInput((long) Math.min(together, channels()) * input.placement.channel());
            return;
        }
        long pieces = (long) pass.threads() * Math.min(together, channels());
        workspace.needInput(readsAsStored() ? 0 : pieces * input.placement.channel());
        if (runsBackward()) {
            workspace.needGradient(accumulators + pieces * multiplier * output.gradientPlacement.channel());
        }
    }

    @Override
    int contributionChannels() {
        return together;
    }

    @Override
    void reserveBatch(Workspace workspace) {
        long pieces = (long) pass.threads() * pass.capacityGroups;
        workspace.needInput(pieces * input.placement.channel());
        workspace.needGradient(accumulatorFloats() + pieces * multiplier * output.gradientPlacement.channel());
    }

    /** A thread goes over all groups with some channels, of which it holds the sums. */
    @Override
    boolean sumsOneGroup() {
        return false;
    }

    @Override
    int gradientGroups() {
        return pass.groups();
    }

    @Override
    int positions() {
        return output.map.shape.pixels();
    }

    @Override
    void count(Meter meter, PassKind kind) {
        StepWork.weighted(this, meter, kind, outputGroups());
    }

    /**
     * Gives each thread a slot for the channels that it has at a time, or, where all groups lie beside each other, a slot with a place for
     * each group.
     */
    private void bindBuffers(boolean allGroups) {
        int slotGroups = allGroups ? pass.groups() : 1;
        int x = pass.banded() ? pass.workspace.bandInput() : channelsAtATime() * input.placement.channel();
        int dz = channelsAtATime() * multiplier * output.gradientPlacement.channel();
        reader.buffer.bind(pass.workspace.input, Arrays32.ORIGIN, slotGroups * x, allGroups ? x : 0);
        outputGradient.bind(pass.workspace.gradient, gradientOrigin(), slotGroups * dz, allGroups ? dz : 0);
    }

    /** Position of the first of all channels, if channel {@code c} lies at the beginning of a group's place in a worker's slot. */
    private int inputBase(int group, int worker, int c) {
        return reader.buffer.at(group, worker) - c * input.placement.channel();
    }

    /** The same of the output's gradient. */
    private int gradientBase(int group, int worker, int c) {
        return outputGradient.at(group, worker) - c * multiplier * output.gradientPlacement.channel();
    }

    @Override
    Team.GroupTask[] forwardSteps() {
        return forwardSteps;
    }

    @Override
    void bindBands() {
        bindBuffers(false);
        if (readsAsStored()) {
            reader.takeStored();
        } else {
            reader.compute(readChannels);
        }
    }

    @Override
    void forward() {
        bindBands();
        pass.team.eachGroup(this, forwardSteps);
        output.normalize(operator);
    }

    private final class Forward extends RangeTask {
        Forward() {
            super(channels(), pass.mode == Mode.INFERENCE ? new PassKind[] {PassKind.VALUE, PassKind.FORWARD}
                    : new PassKind[] {PassKind.VALUE, PassKind.FORWARD, PassKind.STATISTICS});
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            int worker = pass.team.workers.current();
            int step = channelsAtATime();
            for (int c = from; c < to; c += step) {
                int end = Math.min(to, c + step);
                int base = readsAsStored() ? reader.buffer.at(group, worker) : inputBase(group, worker, c);
                reader.compute(group, base, c, end);
                pass.team.lap(PassKind.VALUE);
                convolve(group, base, c * multiplier, end * multiplier);
                // The team itself ends the last kind's last lap.
                if (kinds().length > 2 || end < to) {
                    pass.team.lap(PassKind.FORWARD);
                }
                output.keep(group, c * multiplier, c * multiplier, end * multiplier);
                if (kinds().length > 2 && end < to) {
                    pass.team.lap(PassKind.STATISTICS);
                }
            }
        }
    }

    /** Output channels {@code [from, to)}. */
    private void convolve(int group, int base, int from, int to) {
        if (pack instanceof WindowPack windows) {
            windows.windows(reader.buffer.data(), base, start(), output.function(), output.fresh(), output.freshBase(group, from),
                    output.channelFloats(), from, to);
        } else {
            pack.forward(reader.buffer.data(), base, start(), output.fresh(), output.freshBase(group, from), output.channelFloats(),
                    output.pitch(), Layout.LANES, from, to, pass.workspace.transforms, transformBase());
        }
    }

    @Override
    void differentiate() {
        reader.compute(backwardChannels());
        bindBuffers(sumsBatchAtOnce());
        taken.set(0);
        pass.team.run(this, !parameters.trainsWeight() ? FROZEN : batch.growing() ? GROWING : BACKWARD, backwardTask);
        joinBias(pass.groups());
    }

    private void backwardShare(int worker, int workers) {
        int step = channelsAtATime();
        for (int c = taken.getAndIncrement() * step; c < channels(); c = taken.getAndIncrement() * step) {
            int end = Math.min(channels(), c + step);
            int rowsBegin = pack.rowBegin(c * multiplier);
            int rowsEnd = pack.rowBegin(end * multiplier);
            float[] sums = pass.workspace.gradient;
            boolean byGroup = parameters.trainsWeight() && !sumsBatchAtOnce();
            if (byGroup) {
                Arrays.fill(sums, Arrays32.ORIGIN + Layout.LANES * rowsBegin, Arrays32.ORIGIN + Layout.LANES * rowsEnd, 0);
            }
            for (int group = 0; group < pass.groups(); group++) {
                int inputBase = inputBase(group, worker, c);
                int gradientBase = gradientBase(group, worker, c);
                backward(group, inputBase, gradientBase, c, end);
                if (byGroup) {
                    pack.accumulate(reader.buffer.data(), inputBase, outputGradient.data(), gradientBase, sums, c * multiplier,
                            end * multiplier);
                    pass.team.lap(PassKind.BACKWARD_WEIGHT);
                }
            }
            if (sumsBatchAtOnce()) {
                batch.sumRows(worker, c * multiplier, end * multiplier, 0, 1, inputBase(0, worker, c),
                        gradientBase(0, worker, c));
            } else if (byGroup) {
                join(c * multiplier, end * multiplier);
            }
        }
    }

    /** From the output's gradient of some channels of a group to the end of the input's, the value in scratch afterwards. */
    private void backward(int group, int inputBase, int gradientBase, int from, int to) {
        output.gradient(group, outputGradient.data(), gradientBase, from * multiplier, to * multiplier);
        sumBias(group, gradientBase, from * multiplier, to * multiplier);
        pass.team.lap(PassKind.OUTPUT_GRADIENT);
        if (input.feedsBack()) {
            input.prepareContribution(group, from, to);
            pack.backwardData(outputGradient.data(), gradientBase, input.begins() ? pass.workspace.zeros : null, input.contribution(),
                    input.contributionBase(group, from), input.value.map.channelFloats(),
                    input.value.map.shape.width() * Layout.LANES, Layout.LANES, from, to, pass.workspace.transforms,
                    transformBase());
            pass.team.lap(PassKind.BACKWARD_DATA);
        }
        reader.compute(group, inputBase, from, to);
        pass.team.lap(PassKind.VALUE);
        if (input.settles()) {
            input.settle(group, reader.buffer.data(), inputBase, from, from, to);
            pass.team.lap(PassKind.INPUT_GRADIENT);
        }
        if (pass.thinning != null && parameters.trainsWeight() && input.value.map.producer >= 0) {
            pass.thinning.run(reader.buffer.data(), inputBase, input.placement, from, to);
            pass.team.lap(PassKind.VALUE);
        }
    }
}

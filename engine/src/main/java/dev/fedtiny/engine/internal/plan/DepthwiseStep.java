package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.ScratchLayout;
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

    /** Output channels of an input channel. */
    private final int multiplier;
    /** Input channels that are taken through everything together. */
    private final int together;
    private final Team.GroupTask[] forwardSteps = {new Forward()};
    private final Workers.Task backwardTask = this::backwardShare;
    /** How many pieces of channels the backward pass has taken. */
    private final AtomicInteger taken = new AtomicInteger();
    private boolean returning;

    DepthwiseStep(RunContext pass, int index, InputPort input, OutputPort output, ScratchLayout layout, int weightParameter, boolean bias) {
        super(pass, index, input, output, layout, weightParameter, bias);
        multiplier = layout.geometry().groupOutputs();
        together = chunk(Math.max(input.placement.channel(), multiplier * output.gradientPlacement.channel()));
    }

    private int channels() {
        return layout.geometry().input().channels();
    }

    /** Input channels in scratch at a time: where gradients of all positions are wanted, one, of all groups. */
    private int channelsAtATime() {
        return whole() ? 1 : Math.min(together, channels());
    }

    @Override
    public void reserve(Workspace workspace) {
        super.reserve(workspace);
        output.reserve(workspace);
        long pieces = (long) pass.threads() * Math.min(together, channels());
        workspace.needInput(pieces * input.placement.channel());
        if (pass.mode == Mode.TRAINING) {
            workspace.needGradient(accumulatorFloats() + pieces * multiplier * output.gradientPlacement.channel());
        }
    }

    @Override
    void reserveWhole(Workspace workspace) {
        long pieces = (long) pass.threads() * pass.capacityGroups;
        workspace.needInput(pieces * input.placement.channel());
        workspace.needGradient(accumulatorFloats() + pieces * multiplier * output.gradientPlacement.channel());
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
        StepWork.weighted(this, meter, kind, pass.groups());
    }

    private boolean wanted(int channel) {
        return pack.reads(channel) || returning && (whole() || input.finishesByValue());
    }

    @Override
    int valueChannels() {
        int count = 0;
        for (int c = 0; c < channels(); c++) {
            count += wanted(c) ? 1 : 0;
        }
        return count;
    }

    /** Position of the first of all channels, if channel {@code c} lies at the beginning of a slot of a worker's scratch. */
    private int inputBase(int worker, int slot, int c) {
        return Arrays32.ORIGIN + (worker * slots() + slot) * channelsAtATime() * input.placement.channel() - c * input.placement.channel();
    }

    /** The same of the output's gradient. */
    private int gradientBase(int worker, int slot, int c) {
        int channel = multiplier * output.gradientPlacement.channel();
        return Arrays32.ORIGIN + accumulatorFloats() + (worker * slots() + slot) * channelsAtATime() * channel - c * channel;
    }

    /** Slots of a worker's scratch: one a group where all groups lie beside each other. */
    private int slots() {
        return whole() && returning ? pass.groups() : 1;
    }

    /** Computes those of some channels of the input that are wanted. */
    private void readWanted(int group, int base, int from, int to) {
        int c = from;
        while (c < to) {
            int first = c;
            while (c < to && wanted(c)) {
                c++;
            }
            if (first < c) {
                input.read(group, inputScratch(), base, first, c);
            }
            c++;
        }
    }

    @Override
    void forward() {
        pass.team.eachGroup(this, forwardSteps);
        output.normalize(operator);
    }

    private final class Forward implements Team.GroupTask {
        private final PassKind[] kinds = pass.mode == Mode.INFERENCE ? new PassKind[] {PassKind.VALUE, PassKind.FORWARD}
                : new PassKind[] {PassKind.VALUE, PassKind.FORWARD, PassKind.STATISTICS};

        @Override
        public PassKind[] kinds() {
            return kinds;
        }

        @Override
        public int extent() {
            return channels();
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            int worker = pass.team.workers.current();
            int step = channelsAtATime();
            for (int c = from; c < to; c += step) {
                int end = Math.min(to, c + step);
                int base = inputBase(worker, 0, c);
                readWanted(group, base, c, end);
                pass.team.lap(PassKind.VALUE);
                pack.forward(inputScratch(), base, start(), output.fresh(), output.freshAt(group, slot, 0),
                        output.map.tile.pixels() * Layout.LANES, output.map.tile.width() * Layout.LANES, Layout.LANES, c * multiplier,
                        end * multiplier, pass.workspace.transforms, transformBase());
                // The team itself ends the last kind's last lap.
                if (kinds.length > 2 || end < to) {
                    pass.team.lap(PassKind.FORWARD);
                }
                output.keep(group, slot, c * multiplier, end * multiplier);
                if (kinds.length > 2 && end < to) {
                    pass.team.lap(PassKind.STATISTICS);
                }
            }
        }
    }

    @Override
    void backward() {
        output.prepareGradient(operator);
        returning = true;
        taken.set(0);
        try {
            pass.team.run(this, growing() ? GROWING : BACKWARD, backwardTask);
        } finally {
            returning = false;
        }
        joinBias(pass.groups());
    }

    private void backwardShare(int worker, int workers) {
        int step = channelsAtATime();
        for (int c = taken.getAndIncrement() * step; c < channels(); c = taken.getAndIncrement() * step) {
            int end = Math.min(channels(), c + step);
            int firstKept = pack.firstKept(c * multiplier);
            int lastKept = pack.firstKept(end * multiplier);
            float[] sums = pass.workspace.gradient;
            if (!whole()) {
                Arrays.fill(sums, Arrays32.ORIGIN + Layout.LANES * firstKept, Arrays32.ORIGIN + Layout.LANES * lastKept, 0);
            }
            for (int group = 0; group < pass.groups(); group++) {
                int slot = whole() ? group : 0;
                int inputBase = inputBase(worker, slot, c);
                int gradientBase = gradientBase(worker, slot, c);
                backward(group, inputBase, gradientBase, c, end);
                if (!whole()) {
                    pack.accumulate(inputScratch(), inputBase, gradientScratch(), gradientBase, sums, c * multiplier, end * multiplier);
                    pass.team.lap(PassKind.BACKWARD_WEIGHT);
                }
            }
            if (whole()) {
                wholeRows(worker, c * multiplier, end * multiplier, inputBase(worker, 0, c), input.placement.channel(),
                        gradientBase(worker, 0, c), multiplier * output.gradientPlacement.channel());
            } else {
                join(firstKept, lastKept);
            }
        }
    }

    /** From the output's gradient of some channels of a group to the end of the input's, the value in scratch afterwards. */
    private void backward(int group, int inputBase, int gradientBase, int from, int to) {
        output.gradient(group, gradientScratch(), gradientBase, from * multiplier, to * multiplier);
        sumBias(group, gradientScratch(), gradientBase, from * multiplier, to * multiplier);
        pass.team.lap(PassKind.OUTPUT_GRADIENT);
        if (input.feedsBack()) {
            pack.backwardData(gradientScratch(), gradientBase, input.begins() ? pass.workspace.zeros : null, input.value.gradient,
                    input.value.gradientAt(group, 0), input.value.map.shape.pixels() * Layout.LANES,
                    input.value.map.shape.width() * Layout.LANES, Layout.LANES, from, to, pass.workspace.transforms,
                    transformBase());
            pass.team.lap(PassKind.BACKWARD_DATA);
        }
        readWanted(group, inputBase, from, to);
        pass.team.lap(PassKind.VALUE);
        if (input.finishes()) {
            input.finish(group, inputScratch(), inputBase, from, to);
            pass.team.lap(PassKind.INPUT_GRADIENT);
        }
        if (pass.thinning != null && input.value.map.producer >= 0) {
            pass.thinning.run(inputScratch(), inputBase, input.placement, from, to);
            pass.team.lap(PassKind.VALUE);
        }
    }
}

package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;

/**
 * A convolution, fused image group by image group with what surrounds it: the input value is computed into scratch, the kernel reads it
 * there, and the moments of the fresh output are taken while it is in the cache. Backward, too, group by group, in scratch of a group a
 * thread: output gradient, gradient of the input, input value again; then its part of the weights' gradients, in the order of the groups.
 */
final class ConvolutionStep extends WeightedStep {
    private final Team.GroupTask[] forwardSteps;
    private final Team.GroupTask[] backwardSteps;
    /** Room for the whole batch that is free in this step's backward pass. */
    private final BatchScratch wideInput = new BatchScratch();
    private final BatchScratch wideGradient = new BatchScratch();
    /** Whether a backward pass over the whole batch at once is under way. */
    private boolean wide;
    /** Whether a backward pass is under way. */
    private boolean returning;
    /** The input as an earlier step has kept it for this one, or null. */
    private SampledInput sampled;
    /** What this step keeps of its input for a later one, or null. */
    private SampledInput keeping;

    ConvolutionStep(RunContext pass, int index, InputPort input, OutputPort output, ScratchLayout layout, int weightParameter,
            boolean bias) {
        super(pass, index, input, output, layout, weightParameter, bias);
        forwardSteps = new Team.GroupTask[] {new Evaluate(), new Forward()};
        backwardSteps = new Team.GroupTask[] {new OutputGradient(), new Return()};
    }

    @Override
    public void reserve(Workspace workspace) {
        super.reserve(workspace);
        output.reserve(workspace);
        long slots = Math.min(pass.threads(), pass.capacityGroups);
        workspace.needInput(slots * input.placement.floats());
        if (pass.mode == Mode.TRAINING) {
            workspace.needGradient(accumulatorFloats() + slots * output.gradientPlacement.floats());
        }
    }

    /** Lets an earlier step keep what this one reads. */
    void readKept(ConvolutionStep writer, SampledInput kept) {
        sampled = kept;
        writer.keeping = kept;
    }

    /** The input as an earlier step keeps it for this one, or null. */
    SampledInput sampled() {
        return sampled;
    }

    /** Whether the pass under way finds its input kept. */
    private boolean readsKept() {
        return !returning && sampled != null && sampled.found();
    }

    /** Whether the pass under way keeps something for a later step. */
    private boolean keeps() {
        return !returning && keeping != null && keeping.found();
    }

    @Override
    void reserveWhole(Workspace workspace) {
        if (!wideInput.found()) {
            workspace.needInput((long) pass.capacityGroups * input.placement.floats());
        }
        if (!wideGradient.found()) {
            workspace.needGradient(accumulatorFloats() + (long) pass.capacityGroups * output.gradientPlacement.floats());
        }
    }

    @Override
    void forward() {
        pass.team.eachGroup(this, forwardSteps);
        output.normalize(operator);
    }

    @Override
    void backward() {
        output.prepareGradient(operator);
        returning = true;
        wide = whole();
        try {
            if (wide || pass.groups() < pass.threads()) {
                pass.team.allGroups(this, backwardSteps);
                weightGradients();
            } else {
                pass.team.pipeline(this, backwardSteps, this);
            }
        } finally {
            wide = false;
            returning = false;
        }
        joinBias(pass.groups());
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

    /** Finds room for the whole batch where maps have died by the time of the backward pass. */
    void findRoom(ArenaPlan arena, int step) {
        if (pass.capacityGroups > pass.threads()) {
            wideGradient.find(arena, (long) pass.capacityGroups * output.gradientPlacement.floats(), step, step);
            wideInput.find(arena, (long) pass.capacityGroups * input.placement.floats(), step, step);
        }
    }

    @Override
    float[] inputScratch() {
        if (readsKept()) {
            return sampled.data();
        }
        return wide && wideInput.found() ? wideInput.data() : super.inputScratch();
    }

    @Override
    int inputBase(int group, int slot) {
        if (readsKept()) {
            return sampled.at(group);
        }
        return wide && wideInput.found() ? wideInput.origin() + slot * input.placement.floats() : super.inputBase(group, slot);
    }

    @Override
    float[] gradientScratch() {
        return wide && wideGradient.found() ? wideGradient.data() : super.gradientScratch();
    }

    @Override
    int gradientBase(int slot) {
        return wide && wideGradient.found() ? wideGradient.origin() + slot * output.gradientPlacement.floats() : super.gradientBase(slot);
    }

    /**
     * Whether a channel of the input has to be computed: a kept weight reads it, of this step or of one that it is kept for, a gradient of
     * all positions, or a clamp's mask.
     */
    private boolean wanted(int channel) {
        return pack.reads(channel) || keeps() && keeping.keeps(channel)
                || returning && (whole() || input.finishesByValue());
    }

    @Override
    int valueChannels() {
        if (readsKept()) {
            return 0;
        }
        int count = 0;
        for (int c = 0; c < input.value.map.shape.channels(); c++) {
            count += wanted(c) ? 1 : 0;
        }
        return count;
    }

    @Override
    long keptFloats() {
        return keeps() ? keeping.keptFloats() : 0;
    }

    private boolean wantedGradient(int row) {
        return bias || whole() || pack.readsGradient(row);
    }

    @Override
    int gradientChannels() {
        int count = 0;
        for (int k = 0; k < rows(); k++) {
            count += wantedGradient(k) ? 1 : 0;
        }
        return count;
    }

    /** Computes those channels {@code [from, to)} of the input that are wanted. */
    private void readWanted(int group, int slot, int from, int to) {
        int c = from;
        while (c < to) {
            int first = c;
            while (c < to && wanted(c)) {
                c++;
            }
            if (first < c) {
                input.read(group, inputScratch(), inputBase(group, slot), first, c);
            }
            c++;
        }
    }

    private abstract static class ChannelStep implements Team.GroupTask {
        private final PassKind[] kinds;
        private final int extent;

        ChannelStep(int extent, PassKind... kinds) {
            this.kinds = kinds;
            this.extent = extent;
        }

        @Override
        public PassKind[] kinds() {
            return kinds;
        }

        @Override
        public int extent() {
            return extent;
        }
    }

    private final class Evaluate extends ChannelStep {
        Evaluate() {
            super(input.value.map.shape.channels(), PassKind.VALUE);
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            if (readsKept()) {
                return;
            }
            if (!keeps()) {
                readWanted(group, slot, from, to);
                return;
            }
            int chunk = chunk(input.placement.channel());
            for (int c = from; c < to; c += chunk) {
                int end = Math.min(to, c + chunk);
                readWanted(group, slot, c, end);
                keeping.keep(group, inputScratch(), inputBase(group, slot), c, end);
            }
        }
    }

    /** A step that computes with the packed weights. */
    private abstract class WeightStep extends ChannelStep {
        WeightStep(int extent, PassKind... kinds) {
            super(extent, kinds);
        }

        @Override
        public int ranges() {
            return pack.preparesRows() ? 1 : super.ranges();
        }
    }

    /** The output and, of the same channels while they are in the cache, its moments. */
    private final class Forward extends WeightStep {
        Forward() {
            super(rows(), pass.mode == Mode.INFERENCE ? new PassKind[] {PassKind.FORWARD}
                    : new PassKind[] {PassKind.FORWARD, PassKind.STATISTICS});
        }

        @Override
        public int unit() {
            return pack.rowStep();
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            int channel = output.map.tile.pixels() * 8;
            int chunk = pack.forwardByPlanes() && output.wantsMoments() ? chunk(channel) : Math.max(1, to - from);
            for (int k = from; k < to; k += chunk) {
                int end = Math.min(to, k + chunk);
                pack.forward(inputScratch(), inputBase(group, slot), start(), output.fresh(), output.freshAt(group, slot, 0), channel,
                        output.map.tile.width() * 8, 8, k, end, pass.workspace.transforms, transformBase());
                // The team itself ends the last kind's last lap.
                if (kinds().length > 1) {
                    pass.team.lap(PassKind.FORWARD);
                }
                output.keep(group, slot, k, end);
                if (output.wantsMoments() && end < to) {
                    pass.team.lap(PassKind.STATISTICS);
                }
            }
        }
    }

    private final class OutputGradient extends ChannelStep {
        OutputGradient() {
            super(rows(), PassKind.OUTPUT_GRADIENT);
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            int k = from;
            while (k < to) {
                int first = k;
                while (k < to && wantedGradient(k)) {
                    k++;
                }
                if (first < k) {
                    output.gradient(group, gradientScratch(), gradientBase(slot), first, k);
                }
                k++;
            }
            sumBias(group, gradientScratch(), gradientBase(slot), from, to);
        }
    }

    /** Contributions to the input's gradient, its value and, of the same channels while they are in the cache, the gradient's end. */
    private final class Return extends WeightStep {
        Return() {
            super(input.value.map.shape.channels(), PassKind.BACKWARD_DATA, PassKind.VALUE, PassKind.INPUT_GRADIENT);
        }

        @Override
        public int unit() {
            return pack.channelStep();
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            boolean finishes = input.finishes();
            boolean together = finishes && pack.backwardByPlanes();
            if (input.feedsBack() && !together) {
                contribute(group, slot, from, to);
            }
            int chunk = finishes ? chunk(input.placement.channel()) : Math.max(1, to - from);
            for (int c = from; c < to; c += chunk) {
                int end = Math.min(to, c + chunk);
                if (together) {
                    contribute(group, slot, c, end);
                }
                readWanted(group, slot, c, end);
                pass.team.lap(PassKind.VALUE);
                if (finishes) {
                    input.finish(group, inputScratch(), inputBase(group, slot), c, end);
                    pass.team.lap(PassKind.INPUT_GRADIENT);
                }
            }
            if (pass.thinning != null && input.value.map.producer >= 0) {
                pass.thinning.run(inputScratch(), inputBase(group, slot), input.placement, from, to);
                pass.team.lap(PassKind.VALUE);
            }
        }

        private void contribute(int group, int slot, int from, int to) {
            pack.backwardData(gradientScratch(), gradientBase(slot), input.begins() ? pass.workspace.zeros : null, input.value.gradient,
                    input.value.gradientAt(group, 0), input.value.map.shape.pixels() * 8, input.value.map.shape.width() * 8, 8, from, to,
                    pass.workspace.transforms, transformBase());
            pass.team.lap(PassKind.BACKWARD_DATA);
        }
    }
}

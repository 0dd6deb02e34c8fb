package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Layout;

/**
 * A convolution, fused image group by image group with what surrounds it: the input value is computed into scratch, the kernel reads it
 * there, and the moments of the fresh output are taken while it is in the cache. Backward, too, group by group, in scratch of a group a
 * thread: output gradient, gradient of the input, input value again; then its part of the weights' gradients, in the order of the groups.
 */
final class ConvolutionStep extends WeightedStep {
    /** Channels of a piece of the output, at least: packs of weights are whole in it. */
    private static final int LEAST_PIECE = 16;
    /** And at most: as many as a panel of dense weights has rows. */
    private static final int LARGEST_PIECE = 64;

    private final Team.GroupTask[] forwardSteps;
    private final Team.GroupTask[] backwardSteps;
    /** Where the laid out input and the output's gradient lie. */
    final ConvolutionScratch scratch = new ConvolutionScratch(this);
    /** What the arena has left in the forward pass, where memory is short. */
    private final RestScratch forwardRest = new RestScratch();
    private final ChannelSet readGradients = row -> pack.readsGradient(row);
    /** What an earlier step keeps of the input for this one's forward pass where there is room, or null. */
    private SampledInput sampled;
    /** What this step keeps of its input for a later one where there is room, or null. */
    private SampledInput keeping;

    ConvolutionStep(RunContext pass, int index, InputPort input, OutputPort output, ScratchLayout layout, WeightParameters parameters) {
        super(pass, index, input, output, layout, parameters);
        forwardSteps = new Team.GroupTask[] {new Evaluate(), new Forward()};
        backwardSteps = input.feedsBack() || parameters.trainsWeight() ? new Team.GroupTask[] {new OutputGradient(), new Return()}
                : new Team.GroupTask[] {new OutputGradient()};
    }

    @Override
    public void reserve(Workspace workspace) {
        super.reserve(workspace);
        forwardRest.restart();
        workspace.needEdges(edgeFloats);
        output.reserve(workspace, outputChannels());
    }

    @Override
    void reserveSlots(Workspace workspace, int accumulators) {
        if (pass.banded()) {
            workspace.needBandInput(input.placement.floats());
            return;
        }
        workspace.needInput(scratch.inputOutside());
        if (runsBackward()) {
            workspace.needGradient(accumulators + scratch.gradientOutside());
        }
    }

    /** Output channels, of {@code count}, that are computed before they are rounded or their moments taken. */
    private int outputsTogether(int count) {
        return forwardByPlanes && (output.wantsMoments() || output.isRevisited()) ? chunk(output.channelFloats())
                : output.isRevisited() ? piece(count, input.placement, output.channelFloats()) : Math.max(1, count);
    }

    /** Channels, of {@code count}, of a contribution to the input's gradient that are computed before they are settled. */
    private int contributionsTogether(int count) {
        return input.settles() && backwardByPlanes ? chunk(input.placement.channel())
                : input.stages() ? piece(count, output.gradientPlacement, input.value.map.channelFloats()) : Math.max(1, count);
    }

    /**
     * Channels, of {@code count}, that a kernel which goes tile by tile computes together where they are rounded afterwards: it reads its
     * input once for each piece, so pieces are as large as the input, within bounds.
     */
    private int piece(int count, Placement read, int written) {
        if (algorithm == ConvolutionAlgorithm.WINOGRAD || layout.geometry().groups() > 1) {
            return Math.max(1, count);
        }
        int pieces = Math.ceilDiv(read.floats(), written * LEAST_PIECE);
        return Math.clamp((long) pieces * LEAST_PIECE, LEAST_PIECE, LARGEST_PIECE);
    }

    /** The most channels of the output that are computed before they are stored. */
    private int outputChannels() {
        int rows = mostOfCall(rows());
        return Math.min(rows, outputsTogether(rows));
    }

    @Override
    int contributionChannels() {
        int channels = mostOfCall(input.value.map.shape.channels());
        return Math.min(channels, contributionsTogether(channels));
    }

    /**
     * The most channels, of {@code count}, that scratch is held for: as many as a call has where threads share the groups of a full batch,
     * since a thread that is alone with them goes on piece by piece. Packs of dense weights are whole in a call.
     */
    private int mostOfCall(int count) {
        return algorithm.coversPruned() ? count : GroupSchedule.largestRange(count, Team.RANGES, pass.threads(), pass.capacityGroups);
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

    @Override
    void reserveBatch(Workspace workspace) {
        workspace.needInput(scratch.batchInputOutside());
        workspace.needGradient(accumulatorFloats() + scratch.batchGradientOutside());
    }

    @Override
    void forward() {
        bindForward(input.placement.floats());
        pass.team.eachGroup(this, forwardSteps);
        output.normalize(operator);
    }

    @Override
    void bindBands() {
        bindForward(pass.workspace.bandInput());
    }

    @Override
    void beginBand(int band) {
        forwardSteps[0].run(isBanded() ? band : 0, band, 0, forwardSteps[0].extent());
        pass.team.lap(PassKind.VALUE);
    }

    @Override
    boolean sharesChannels() {
        return pass.banded();
    }

    @Override
    void endBand(int band) {
        reader.fillEdges(band, band);
        pass.team.lap(PassKind.VALUE);
        if (isBanded()) {
            forwardSteps[1].run(band, band, 0, rows());
        } else {
            int half = firstRow(1, 2);
            forwardSteps[1].run(0, band, band == 0 ? 0 : half, band == 0 ? half : rows());
        }
        pass.team.lap(PassKind.FORWARD);
    }

    @Override
    Team.GroupTask[] forwardSteps() {
        return forwardSteps;
    }

    private void bindForward(int slotFloats) {
        scratch.bindForward(slotFloats);
        if (readsAsStored()) {
            reader.takeStored();
        } else if (sampled != null && sampled.found()) {
            reader.takeKept(sampled);
        } else if (keeping != null && keeping.found()) {
            reader.computeAndKeep(keeping);
        } else {
            reader.compute(readChannels);
        }
    }

    @Override
    void differentiate() {
        reader.compute(backwardChannels());
        gradientChannels = parameters.trainsBias() || sumsBatchAtOnce() ? ChannelSet.ALL : readGradients;
        scratch.bindBackward();
        if (!parameters.trainsWeight()) {
            pass.team.eachGroup(this, backwardSteps);
        } else if (sumsBatchAtOnce()) {
            pass.team.allGroups(this, backwardSteps);
            weightGradients();
        } else {
            pass.team.eachGroup(this, backwardSteps, this);
        }
        joinBias(pass.groups());
    }

    @Override
    boolean sumsOneGroup() {
        return pass.capacityGroups == 1;
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

    @Override
    void fillRest(ArenaPlan arena, int backward) {
        super.fillRest(arena, backward);
        forwardRest.fill(arena, index);
        output.computeIn(forwardRest);
    }

    private final class Evaluate extends RangeTask {
        Evaluate() {
            super(input.value.map.shape.channels(), PassKind.VALUE);
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            reader.read(group, slot, from, to);
        }
    }

    /** A step that computes with the packed weights. */
    private abstract class WeightStep extends RangeTask {
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
            int chunk = output.stages() ? Math.min(outputChannels(), outputsTogether(to - from)) : outputsTogether(to - from);
            for (int k = from; k < to; k += chunk) {
                int end = Math.min(to, k + chunk);
                pack.forward(reader.buffer.data(), reader.buffer.at(group, slot), start(), output.fresh(),
                        output.freshBase(group, k), output.channelFloats(), output.pitch(), Layout.LANES, k, end,
                        pass.workspace.transforms, transformBase());
                // The team itself ends the last kind's last lap.
                if (kinds().length > 1) {
                    pass.team.lap(PassKind.FORWARD);
                }
                output.keep(group, k, k, end);
                if (output.wantsMoments() && end < to) {
                    pass.team.lap(PassKind.STATISTICS);
                }
            }
        }
    }

    private final class OutputGradient extends RangeTask {
        OutputGradient() {
            super(rows(), PassKind.OUTPUT_GRADIENT);
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            int base = outputGradient.at(group, slot);
            for (int k = gradientChannels.next(from, to), end; k < to; k = gradientChannels.next(end, to)) {
                end = gradientChannels.end(k, to);
                output.gradient(group, outputGradient.data(), base, k, end);
            }
            sumBias(group, base, from, to);
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
            int together = input.stages() ? Math.min(contributionChannels(), contributionsTogether(to - from))
                    : contributionsTogether(to - from);
            for (int c = from; c < to; c += together) {
                bringBack(group, slot, c, Math.min(to, c + together));
            }
            if (pass.thinning != null && parameters.trainsWeight() && input.value.map.producer >= 0) {
                pass.thinning.run(reader.buffer.data(), reader.buffer.at(group, slot), input.placement, from, to);
                pass.team.lap(PassKind.VALUE);
            }
        }

        /** Contributions to some channels, and what follows of the same ones. */
        private void bringBack(int group, int slot, int from, int to) {
            boolean settles = input.settles();
            if (input.feedsBack()) {
                contribute(group, slot, from, to);
            }
            int chunk = settles ? chunk(input.placement.channel()) : Math.max(1, to - from);
            for (int c = from; c < to; c += chunk) {
                int end = Math.min(to, c + chunk);
                reader.read(group, slot, c, end);
                pass.team.lap(PassKind.VALUE);
                if (settles) {
                    input.settle(group, reader.buffer.data(), reader.buffer.at(group, slot), from, c, end);
                    pass.team.lap(PassKind.INPUT_GRADIENT);
                }
            }
        }

        private void contribute(int group, int slot, int from, int to) {
            input.prepareContribution(group, from, to);
            pack.backwardData(outputGradient.data(), outputGradient.at(group, slot), input.begins() ? pass.workspace.zeros : null,
                    input.contribution(), input.contributionBase(group, from), input.value.map.channelFloats(),
                    input.value.map.shape.width() * Layout.LANES, Layout.LANES, from, to, pass.workspace.transforms, transformBase());
            pass.team.lap(PassKind.BACKWARD_DATA);
        }
    }
}

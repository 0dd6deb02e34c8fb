package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;

/**
 * A linear layer: a 1 × 1 convolution of a map whose pixels are the image groups, so that a weight is read once for the whole batch. Its
 * rows, not the groups, are shared between threads.
 */
final class LinearStep extends WeightedStep {
    private final Workers.Task gather = this::gatherShare;
    private final Workers.Task multiply = this::multiplyShare;
    private final Workers.Task gatherGradient = this::gatherGradientShare;
    private final Workers.Task multiplyBack = this::multiplyBackShare;
    private final Workers.Task finish = this::finishShare;

    LinearStep(RunContext pass, int index, FusedInput input, StoredActivation output, WeightParameters parameters) {
        super(pass, index, new InputPort(pass, index, input, Placement.interleaved(input.map.shape, pass.capacityGroups),
                input.map.layout.equals(Layout.IMAGES) ? null
                : pass.lanesArePixels() ? PixelReader.whole(pass, input) : TileReader.whole(pass, input)),
                new OutputPort(pass, output, Placement.interleaved(output.shape, pass.capacityGroups)),
                layout(pass, input.map.shape.size(), output.shape.size()), parameters);
    }

    private static ScratchLayout layout(RunContext pass, int inputs, int outputs) {
        return new ScratchLayout(new Conv2dGeometry(new Shape(inputs, 1, pass.capacityGroups), outputs, 1, 1, 1, 0));
    }

    @Override
    void reserveSlots(Workspace workspace, int accumulators) {
        workspace.needInput(input.placement.floats());
        if (runsBackward()) {
            workspace.needGradient(accumulators + output.gradientPlacement.floats());
        }
    }

    /** Slots hold the batch. */
    @Override
    void reserveBatch(Workspace workspace) {
        reserveSlots(workspace, accumulatorFloats());
    }

    /** None: what a linear layer reads is not rounded. */
    @Override
    int contributionChannels() {
        return 0;
    }

    /** The input and the output's gradient lie in the workspace, all groups as the pixels of one. */
    private void bindBuffers() {
        reader.buffer.bindSlots(pass.workspace.input, Arrays32.ORIGIN, input.placement.floats());
        outputGradient.bindSlots(pass.workspace.gradient, gradientOrigin(), output.gradientPlacement.floats());
    }

    @Override
    void forward() {
        bindBuffers();
        pass.team.run(this, PassKind.VALUE, gather);
        pass.team.run(this, PassKind.FORWARD, multiply);
        if (output.wantsMoments()) {
            pass.team.start(operator);
            for (int g = 0; g < pass.groups(); g++) {
                output.moments(g, 0, output.map.shape.channels());
            }
            pass.team.stop(PassKind.STATISTICS, 4L * pass.groups() * output.map.groupFloats);
        }
        output.normalize(operator);
    }

    @Override
    void differentiate() {
        bindBuffers();
        pass.team.run(this, PassKind.OUTPUT_GRADIENT, gatherGradient);
        if (differentiatesBy(input)) {
            pass.team.run(this, PassKind.VALUE, gather);
        }
        joinBias(1);
        if (input.feedsBack()) {
            pass.team.run(this, PassKind.BACKWARD_DATA, multiplyBack);
        }
        if (parameters.trainsWeight()) {
            weightGradients();
        }
        if (input.finishes()) {
            pass.team.run(this, PassKind.INPUT_GRADIENT, finish);
        }
    }

    @Override
    boolean sumsOneGroup() {
        return true;
    }

    @Override
    int gradientGroups() {
        return 1;
    }

    @Override
    int positions() {
        return 1;
    }

    @Override
    void count(Meter meter, PassKind kind) {
        StepWork.weighted(this, meter, kind, 1);
    }

    /** Channels of the input, group by group; groups that hold no images become zeros. */
    private void gatherShare(int worker, int workers) {
        int channels = input.value.map.shape.channels();
        int from = channels * worker / workers;
        int to = channels * (worker + 1) / workers;
        float[] scratch = reader.buffer.data();
        int base = reader.buffer.at(0, 0);
        clearUnused(scratch, base, input.placement.channel() * from, input.placement.channel() * to);
        for (int g = 0; g < pass.groups(); g++) {
            input.read(g, scratch, base + Layout.LANES * g, from, to);
        }
    }

    private void clearUnused(float[] scratch, int base, int from, int to) {
        int step = pass.capacityGroups * Layout.LANES;
        int used = pass.groups() * Layout.LANES;
        if (used < step) {
            for (int at = base + from; at < base + to; at += step) {
                java.util.Arrays.fill(scratch, at + used, at + step, 0);
            }
        }
    }

    private void multiplyShare(int worker, int workers) {
        int packs = Math.ceilDiv(rows(), pack.rowStep());
        int from = packs * worker / workers * pack.rowStep();
        int to = Math.min(rows(), packs * (worker + 1) / workers * pack.rowStep());
        pack.forward(reader.buffer.data(), reader.buffer.at(0, 0), start(), output.map.data, output.map.at(0, 0), Layout.LANES, 0,
                output.map.groupFloats, from, to, pass.workspace.transforms, transformBase());
    }

    private void gatherGradientShare(int worker, int workers) {
        int channels = output.map.shape.channels();
        int from = channels * worker / workers;
        int to = channels * (worker + 1) / workers;
        float[] scratch = outputGradient.data();
        int base = outputGradient.at(0, 0);
        clearUnused(scratch, base, output.gradientPlacement.channel() * from, output.gradientPlacement.channel() * to);
        for (int g = 0; g < pass.groups(); g++) {
            output.gradient(g, scratch, base + Layout.LANES * g, from, to);
        }
        sumBias(0, base, from, to);
    }

    private void multiplyBackShare(int worker, int workers) {
        int features = layout.geometry().input().channels();
        int packs = Math.ceilDiv(features, pack.channelStep());
        int from = packs * worker / workers * pack.channelStep();
        int to = Math.min(features, packs * (worker + 1) / workers * pack.channelStep());
        pack.backwardData(outputGradient.data(), outputGradient.at(0, 0), input.begins() ? pass.workspace.zeros : null,
                input.value.gradient, input.value.gradientAt(0, 0), Layout.LANES, 0, input.value.map.groupFloats, from, to,
                pass.workspace.transforms, transformBase());
    }

    private void finishShare(int worker, int workers) {
        int channels = input.value.map.shape.channels();
        int from = channels * worker / workers;
        int to = channels * (worker + 1) / workers;
        for (int g = 0; g < pass.groups(); g++) {
            input.settle(g, reader.buffer.data(), reader.buffer.at(0, 0) + Layout.LANES * g, from, from, to);
        }
    }
}

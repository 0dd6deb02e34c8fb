package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.Division;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * An operator of which every pixel needs all channels, or the whole map: what it reads is computed channel by channel, its loops go by
 * blocks of pixels ({@link Division.Pixels}), or through all at once, and what happens to results before they are stored goes by channels
 * again, since that takes sums over all pixels. Threads that share a group share each of these passes.
 */
final class PixelBlocksStep extends OperatorStep {
    private static final Team.GroupTask[] NONE = {};

    private final int pixels;
    private final int block;
    /** Whether sums for parameters are those of a block. */
    private final boolean sumsBlocks;
    /** A piece a group that is under way. */
    private final OperatorScratch scratch;
    private Team.GroupTask[] forwardSteps;
    private Team.GroupTask[] backwardSteps;

    PixelBlocksStep(RunContext pass, int index, Parts of) {
        super(pass, index, of);
        this.pixels = output.map.tile.pixels();
        this.block = layer.division().block(output.map.tile);
        this.sumsBlocks = !layer.parameters().isEmpty();
        this.scratch = new OperatorScratch(this, Math.min(pass.threads(), pass.capacityGroups), inputs.stream()
                .mapToInt(PixelBlocksStep::channels).toArray(), channels());
    }

    private int channels() {
        return output.map.shape.channels();
    }

    private static int channels(InputPort input) {
        return input.value.map.shape.channels();
    }

    /** Passes are chosen here: who begins a gradient, and who completes it, is known once the plan is whole. */
    @Override
    public void reserve(Workspace workspace) {
        super.reserve(workspace);
        if (forwardSteps == null) {
            forwardSteps = needed(new Read(), new Forward(), new Keep());
            backwardSteps = runsBackward() ? needed(new Prepare(), new Backward(), new Settle()) : NONE;
        }
    }

    private static Team.GroupTask[] needed(Team.GroupTask... passes) {
        return Arrays.stream(passes).filter(task -> task.extent() > 0).toArray(Team.GroupTask[]::new);
    }

    @Override
    OperatorScratch scratch() {
        return scratch;
    }

    @Override
    Team.GroupTask[] forwardSteps() {
        return forwardSteps;
    }

    @Override
    Team.GroupTask[] backwardSteps() {
        return backwardSteps;
    }

    /** A pass over channels: those of the output first, and then of each input, where it has something to do with them. */
    private abstract class ByChannels extends RangeTask {
        /** Channels of the output, none where there is nothing to do with them. */
        private final int written;
        private final Predicate<InputPort> concerned;

        ByChannels(PassKind kind, boolean ofOutput, Predicate<InputPort> concerned) {
            super((ofOutput ? channels() : 0) + inputs.stream().filter(concerned).mapToInt(PixelBlocksStep::channels).sum(), kind);
            this.written = ofOutput ? channels() : 0;
            this.concerned = concerned;
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            if (from < written) {
                ofOutput(group, slot, from, Math.min(to, written));
            }
            int begin = written;
            for (int i = 0; i < inputs.size(); i++) {
                int count = concerned.test(inputs.get(i)) ? channels(inputs.get(i)) : 0;
                int first = Math.max(from - begin, 0);
                int end = Math.min(to - begin, count);
                if (first < end) {
                    ofInput(i, group, slot, first, end);
                }
                begin += count;
            }
        }

        /** Channels {@code [from, to)} of the output. */
        void ofOutput(int group, int slot, int from, int to) {
        }

        /** Channels {@code [from, to)} of an input. */
        void ofInput(int i, int group, int slot, int from, int to) {
        }
    }

    /** Computes inputs that are not read as they lie. */
    private final class Read extends ByChannels {
        Read() {
            super(PassKind.FORWARD, false, input -> !input.isDirect());
        }

        @Override
        void ofInput(int i, int group, int slot, int from, int to) {
            inputs.get(i).read(group, pass.workspace.input, scratch.input(slot, i, 0), from, to);
        }
    }

    /** Stores a fresh output where that is more than to write it. */
    private final class Keep extends ByChannels {
        Keep() {
            super(PassKind.FORWARD, output.stages() || output.wantsMoments(), _ -> false);
        }

        @Override
        void ofOutput(int group, int slot, int from, int to) {
            output.keep(slot, group, 0, from, to);
        }
    }

    /** Puts down the gradient of the output, and what the loops read besides or add to. */
    private final class Prepare extends ByChannels {
        Prepare() {
            super(PassKind.BACKWARD_DATA, true, input -> evaluatesBackward(input) || input.stages() && !input.begins());
        }

        @Override
        void ofOutput(int group, int slot, int from, int to) {
            output.gradient(group, pass.workspace.gradient, scratch.gradient(slot, 0), from, to);
            if (loops.readsOutput() && output.map.rounds()) {
                output.read(group, pass.workspace.input, scratch.output(slot, 0) + from * output.map.channelFloats(), from, to);
            }
        }

        @Override
        void ofInput(int i, int group, int slot, int from, int to) {
            InputPort input = inputs.get(i);
            if (evaluatesBackward(input)) {
                input.read(group, pass.workspace.input, scratch.input(slot, i, 0), from, to);
            }
            input.prepareContribution(slot, group, 0, from, to);
        }
    }

    /** Stores contributions to gradients, and completes these. */
    private final class Settle extends ByChannels {
        Settle() {
            super(PassKind.BACKWARD_DATA, false, InputPort::settles);
        }

        @Override
        void ofInput(int i, int group, int slot, int from, int to) {
            inputs.get(i).settle(slot, group, pass.workspace.input, scratch.input(slot, i, 0), 0, from, to);
        }
    }

    /** The loops, over blocks of pixels. */
    private abstract class ByPixels extends RangeTask {
        ByPixels(PassKind kind) {
            super(pixels, kind);
        }

        @Override
        public int unit() {
            return block;
        }

        /** The slice of pixels {@code [from, to)} of a group, with its inputs. */
        OperatorSlice slice(int group, int slot, int from, int to) {
            OperatorSlice slice = PixelBlocksStep.this.slice(group);
            slice.setChannels(0, channels());
            slice.setPixels(from, to - from, from / block);
            for (int i = 0; i < inputs.size(); i++) {
                place(slice, i, scratch.input(slot, i, 0), 0, channels(inputs.get(i)), from * Layout.LANES);
            }
            return slice;
        }
    }

    private final class Forward extends ByPixels {
        Forward() {
            super(PassKind.FORWARD);
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            OperatorSlice slice = slice(group, slot, from, to);
            slice.setY(output.fresh(), output.freshBase(slot, group, 0) + from * Layout.LANES);
            loops.forward(slice);
        }
    }

    private final class Backward extends ByPixels {
        Backward() {
            super(PassKind.BACKWARD_DATA);
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            int step = sumsBlocks ? block : to - from;
            for (int first = from; first < to; first += step) {
                compute(group, slot, first, Math.min(to, first + step));
            }
        }

        private void compute(int group, int slot, int from, int to) {
            int offset = from * Layout.LANES;
            OperatorSlice slice = slice(group, slot, from, to);
            slice.setDy(pass.workspace.gradient, scratch.gradient(slot, 0) + offset);
            if (loops.readsOutput()) {
                placeOutput(slice, scratch.output(slot, 0), 0, offset);
            }
            for (int i = 0; i < inputs.size(); i++) {
                slice.setDx(i, inputs.get(i), slot, 0, offset);
            }
            loops.backward(slice);
        }
    }
}

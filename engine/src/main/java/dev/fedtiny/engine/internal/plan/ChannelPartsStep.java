package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.Division;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.PassKind;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An operator that is divided between channels ({@link Division.Channels}): some parts of them, as many as fit a first-level cache, are
 * taken through everything together.
 */
final class ChannelPartsStep extends OperatorStep {
    /** Channels of the output that are computed together at least. */
    private final int part;
    /**
     * Of each input the channel where each part of the output begins to read, and behind them the number of its channels; null where a
     * layer is channelwise. Asked for once, since a layer may make objects to tell.
     */
    private final int[][] firstChannels;
    /** Channels of the output that are taken through everything together. */
    private final int together;
    /** A piece a thread. */
    private final OperatorScratch scratch;
    private final Team.GroupTask[] forwardSteps = {new Forward()};
    private final Team.GroupTask[] backwardSteps = {new Backward()};

    ChannelPartsStep(RunContext pass, int index, Parts of) {
        super(pass, index, of);
        this.part = layer.division().part(output.map.shape);
        int parts = output.map.shape.channels() / part;
        this.firstChannels = layer.channelwise() ? null : IntStream.range(0, inputs.size())
                .mapToObj(i -> IntStream.rangeClosed(0, parts).map(k -> layer.firstChannel(i, k * part)).toArray()).toArray(int[][]::new);
        int inputFloats = inputs.stream().mapToInt(input -> input.placement.floats()).sum();
        this.together = Math.min(parts, chunk(Math.ceilDiv(inputFloats, parts))) * part;
        this.scratch = new OperatorScratch(this, pass.threads(), IntStream.range(0, inputs.size()).map(this::mostRead).toArray(), together);
    }

    private int mostRead(int input) {
        int channels = output.map.shape.channels();
        int most = 0;
        for (int from = 0; from < channels; from += part) {
            most = Math.max(most, firstChannel(input, Math.min(channels, from + together)) - firstChannel(input, from));
        }
        return most;
    }

    /** The channel of an input where channels of the output from {@code channel} on, a multiple of {@link #part}, begin to read. */
    private int firstChannel(int input, int channel) {
        return firstChannels == null ? channel : firstChannels[input][channel / part];
    }

    @Override
    OperatorScratch scratch() {
        return scratch;
    }

    @Override
    boolean sharesChannels() {
        return pass.banded();
    }

    @Override
    Team.GroupTask[] forwardSteps() {
        return forwardSteps;
    }

    @Override
    Team.GroupTask[] backwardSteps() {
        return backwardSteps;
    }

    @Override
    public void account(MemoryLedger ledger) {
        super.account(ledger);
        if (firstChannels != null) {
            ledger.add(MemoryCategory.INDICES, Arrays.stream(firstChannels).mapToLong(firsts -> 4L * firsts.length).sum());
        }
    }

    private abstract class SliceTask extends RangeTask {
        SliceTask(PassKind kind) {
            super(output.map.shape.channels(), kind);
        }

        @Override
        public int unit() {
            return part;
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            int piece = pass.team.workers.current();
            for (int c = from; c < to; c += together) {
                OperatorSlice slice = slice(group);
                int end = Math.min(to, c + together);
                slice.setChannels(c, end - c);
                slice.setPixels(0, output.map.tile.pixels(), 0);
                compute(slice, piece, c, end);
            }
        }

        /** Computes channels {@code [from, to)} of the output, or the contributions to what they read. */
        abstract void compute(OperatorSlice slice, int piece, int from, int to);
    }

    private final class Forward extends SliceTask {
        Forward() {
            super(PassKind.FORWARD);
        }

        @Override
        void compute(OperatorSlice slice, int piece, int from, int to) {
            int group = slice.group();
            for (int i = 0; i < inputs.size(); i++) {
                int first = firstChannel(i, from);
                int end = firstChannel(i, to);
                int base = scratch.input(piece, i, first);
                if (!inputs.get(i).isDirect()) {
                    inputs.get(i).read(group, pass.workspace.input, base, first, end);
                }
                place(slice, i, base, first, end, 0);
            }
            slice.setY(output.fresh(), output.freshBase(piece, group, from) + from * output.map.channelFloats());
            loops.forward(slice);
            output.keep(piece, group, from, from, to);
        }
    }

    private final class Backward extends SliceTask {
        Backward() {
            super(PassKind.BACKWARD_DATA);
        }

        @Override
        void compute(OperatorSlice slice, int piece, int from, int to) {
            Workspace workspace = pass.workspace;
            int group = slice.group();
            int dy = scratch.gradient(piece, from);
            output.gradient(group, workspace.gradient, dy, from, to);
            slice.setDy(workspace.gradient, dy + from * output.gradientPlacement.channel());
            if (loops.readsOutput()) {
                int base = scratch.output(piece, from);
                if (output.map.rounds()) {
                    output.read(group, workspace.input, base + from * output.map.channelFloats(), from, to);
                }
                placeOutput(slice, base, from, 0);
            }
            for (int i = 0; i < inputs.size(); i++) {
                InputPort input = inputs.get(i);
                int first = firstChannel(i, from);
                int end = firstChannel(i, to);
                int base = scratch.input(piece, i, first);
                if (evaluatesBackward(input)) {
                    input.read(group, workspace.input, base, first, end);
                }
                place(slice, i, base, first, end, 0);
                input.prepareContribution(piece, group, first, first, end);
                slice.setDx(i, input, piece, first, 0);
            }
            loops.backward(slice);
            for (int i = 0; i < inputs.size(); i++) {
                int first = firstChannel(i, from);
                inputs.get(i).settle(piece, group, workspace.input, scratch.input(piece, i, first), first, first, firstChannel(i, to));
            }
        }
    }
}

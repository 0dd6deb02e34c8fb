package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.layer.ArrayOperator;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Reads;
import dev.fedtiny.engine.layer.View;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The one step of all {@link OperatorLayer}s: inputs are computed into scratch, one behind the other, a part of their channels at a time
 * where parts are independent; the {@link ArrayOperator} reads them there and writes the output. Backward the same way round.
 */
final class OperatorStep extends Step {
    private final OperatorLayer layer;
    private final ArrayOperator loops;
    private final SmallParameters own;
    /** Channels of the output that are computed together at least ({@link OperatorLayer#part}). */
    private final int part;
    /**
     * Of each input the channel where each part of the output begins to read, and behind them the number of its channels; null where a
     * layer is channelwise. Asked for once, since a layer may make objects to tell.
     */
    private final int[][] firstChannels;
    /** Channels of the output that are taken through everything together: some parts, as many as fit a first-level cache. */
    private final int together;
    /** Whether they are fewer than all, so that several threads may be at a group: a piece of scratch is a thread's then, not a group's. */
    private final boolean apart;
    /** The most channels of each input that these read. */
    private final int[] read;
    /** Where each input's channels lie in a piece of scratch; behind them what is read of the output. */
    private final int[] places;
    /** One a thread. */
    private final OperatorSlice[] slices;
    private final Team.GroupTask[] forwardSteps = {new Forward()};
    private final Team.GroupTask[] backwardSteps = {new Backward()};

    private OperatorStep(RunContext pass, int index, OperatorLayer layer, View view, List<InputPort> inputs, OutputPort output,
            SmallParameters own) {
        super(pass, index, inputs, output);
        this.layer = layer;
        this.loops = layer.bind(view);
        this.own = own;
        this.part = layer.part();
        int parts = output.map.shape.channels() / part;
        this.firstChannels = layer.channelwise() ? null : IntStream.range(0, inputs.size())
                .mapToObj(i -> IntStream.rangeClosed(0, parts).map(k -> layer.firstChannel(i, k * part)).toArray()).toArray(int[][]::new);
        int inputFloats = inputs.stream().mapToInt(input -> input.placement.floats()).sum();
        this.together = Math.min(parts, chunk(Math.ceilDiv(inputFloats, parts))) * part;
        this.apart = parts > 1;
        this.read = IntStream.range(0, inputs.size()).map(this::mostRead).toArray();
        this.places = new int[read.length + 1];
        for (int i = 0; i < read.length; i++) {
            places[i + 1] = places[i] + read[i] * inputs.get(i).placement.channel();
        }
        this.slices = new OperatorSlice[pass.threads()];
        for (int i = 0; i < slices.length; i++) {
            slices[i] = new OperatorSlice(this, own);
        }
        int behind = 0;
        for (int i = 0; i < read.length; i++) {
            inputs.get(i).contributeBehind(behind);
            behind += read[i] * inputs.get(i).value.map.channelFloats();
        }
    }

    /**
     * The step of a layer.
     *
     * @param values what it reads, no one twice
     * @param own the layer's parameters
     */
    static OperatorStep of(RunContext pass, int index, OperatorLayer layer, List<FusedInput> values, StoredActivation output,
            SmallParameters own) {
        boolean tiled = pass.tiled();
        boolean whole = computesWholeMaps(layer);
        List<InputPort> inputs = new ArrayList<>();
        List<Shape> windows = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            FusedInput value = values.get(i);
            Reads reads = whole ? Reads.WHOLE_MAP : layer.reads(i);
            Shape window = !tiled ? value.map.shape : pass.lanesArePixels() ? seen(value, output)
                    : TileReader.window(reads, value.map.shape, output);
            inputs.add(new InputPort(pass, index, value, Placement.contiguous(window), !tiled ? null
                    : pass.lanesArePixels() ? PixelReader.alike(pass, value, output.layout)
                    : TileReader.of(pass, value, output, reads, window)));
            windows.add(window);
        }
        return new OperatorStep(pass, index, layer, new View(windows, output.tile, tiled && !whole), inputs,
                new OutputPort(pass, output, Placement.contiguous(output.tile)), own);
    }

    /** What vectors of pixels hold of an input: as much as of the output, or a single pixel. */
    private static Shape seen(FusedInput value, StoredActivation output) {
        return value.map.shape.pixels() == 1 ? value.map.shape
                : new Shape(value.map.shape.channels(), output.tile.height(), output.tile.width());
    }

    /** What the lanes of a layer's output are. */
    static Layout layout(RunContext pass, OperatorLayer layer) {
        return computesWholeMaps(layer) ? Layout.IMAGES : pass.layout(layer.output());
    }

    private static boolean computesWholeMaps(OperatorLayer layer) {
        return IntStream.range(0, layer.sources().size()).anyMatch(i -> layer.reads(i).equals(Reads.WHOLE_MAP));
    }

    @Override
    public void reserve(Workspace workspace) {
        for (int i = 0; i < read.length; i++) {
            inputs.get(i).reserve(workspace, read[i]);
        }
        output.reserve(workspace, together);
        workspace.needTransforms(loops.scratchFloats());
        reserveSlots(workspace, 0);
    }

    @Override
    void reserveSlots(Workspace workspace, int accumulators) {
        long pieces = apart ? pass.threads() : Math.min(pass.threads(), pass.capacityGroups);
        workspace.needInput(pieces * pieceFloats());
        if (runsBackward()) {
            workspace.needGradient(accumulators + pieces * gradientFloats());
        }
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

    /** Floats of a piece of scratch: what is read of all inputs, and of the output where it is rounded and read again. */
    private int pieceFloats() {
        return places[read.length] + (loops.readsOutput() && output.map.rounds() ? together * output.map.channelFloats() : 0);
    }

    /** Floats of what is read of the output's gradient at a time. */
    private int gradientFloats() {
        return together * output.gradientPlacement.channel();
    }

    /** The piece of scratch that a call computes in. */
    private int piece(int slot) {
        return apart ? pass.team.workers.current() : slot;
    }

    /** Position of an input's channel 0, where channels from {@code first} on lie in a piece. */
    private int inputBase(int piece, int i, int first) {
        return Arrays32.ORIGIN + piece * pieceFloats() + places[i] - first * inputs.get(i).placement.channel();
    }

    @Override
    void forward() {
        pass.team.eachGroup(this, forwardSteps);
        output.normalize(operator);
    }

    @Override
    void differentiate() {
        pass.team.eachGroup(this, backwardSteps);
        own.join(pass.groups());
    }

    @Override
    public String label(Network network) {
        return layer.name().isEmpty() ? layer.kind() + "." + index : layer.name();
    }

    @Override
    List<Integer> parameters() {
        return own.positions();
    }

    @Override
    public void bind(float[][] values, float[][] gradients) {
        own.bind(values, gradients);
    }

    @Override
    void count(Meter meter, PassKind kind) {
        StepWork.operator(this, meter, kind);
    }

    @Override
    public void account(MemoryLedger ledger) {
        super.account(ledger);
        ledger.add(MemoryCategory.GRADIENTS, own.bytes());
        ledger.add(MemoryCategory.INDICES, 4L * (read.length + places.length));
        if (firstChannels != null) {
            ledger.add(MemoryCategory.INDICES, Arrays.stream(firstChannels).mapToLong(firsts -> 4L * firsts.length).sum());
        }
    }

    @Override
    boolean differentiatesBy(InputPort input) {
        return loops.readsInputs() || input.finishesByValue();
    }

    @Override
    boolean differentiatesByOutput() {
        return loops.readsOutput();
    }

    /** Whether a backward pass computes an input's value into scratch. */
    boolean evaluatesBackward(InputPort input) {
        return !input.isDirect() && differentiatesBy(input);
    }

    /** Says where channels of an input lie, of which {@code base} is the place in scratch. */
    private void place(OperatorSlice slice, int i, int group, int base, int from, int to) {
        InputPort input = inputs.get(i);
        if (input.isDirect()) {
            slice.setX(i, input.value.map.data, input.value.map.at(group, from), to - from);
        } else {
            slice.setX(i, pass.workspace.input, base + from * input.placement.channel(), to - from);
        }
    }

    private OperatorSlice begin(int group, int from, int to) {
        int worker = pass.team.workers.current();
        OperatorSlice slice = slices[worker];
        slice.begin(group, from, to - from, pass.workspace.transforms, Arrays32.ORIGIN + worker * pass.workspace.transformFloats());
        return slice;
    }

    private abstract class SliceTask implements Team.GroupTask {
        private final PassKind[] kinds;

        SliceTask(PassKind kind) {
            kinds = new PassKind[] {kind};
        }

        @Override
        public PassKind[] kinds() {
            return kinds;
        }

        @Override
        public int extent() {
            return output.map.shape.channels();
        }

        @Override
        public int unit() {
            return part;
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            for (int c = from; c < to; c += together) {
                compute(group, slot, c, Math.min(to, c + together));
            }
        }

        /** Computes channels {@code [from, to)} of the output, or the contributions to what they read. */
        abstract void compute(int group, int slot, int from, int to);
    }

    private final class Forward extends SliceTask {
        Forward() {
            super(PassKind.FORWARD);
        }

        @Override
        void compute(int group, int slot, int from, int to) {
            OperatorSlice slice = begin(group, from, to);
            for (int i = 0; i < inputs.size(); i++) {
                int first = firstChannel(i, from);
                int end = firstChannel(i, to);
                int base = inputBase(piece(slot), i, first);
                if (!inputs.get(i).isDirect()) {
                    inputs.get(i).read(group, pass.workspace.input, base, first, end);
                }
                place(slice, i, group, base, first, end);
            }
            slice.setY(output.fresh(), output.freshBase(group, from) + from * output.map.channelFloats());
            loops.forward(slice);
            output.keep(group, from, from, to);
        }
    }

    private final class Backward extends SliceTask {
        Backward() {
            super(PassKind.BACKWARD_DATA);
        }

        @Override
        void compute(int group, int slot, int from, int to) {
            Workspace workspace = pass.workspace;
            OperatorSlice slice = begin(group, from, to);
            int piece = piece(slot);
            int dy = Arrays32.ORIGIN + piece * gradientFloats();
            output.gradient(group, workspace.gradient, dy - from * output.gradientPlacement.channel(), from, to);
            slice.setDy(workspace.gradient, dy);
            if (loops.readsOutput()) {
                placeOutput(slice, group, Arrays32.ORIGIN + piece * pieceFloats() + places[read.length], from, to);
            }
            for (int i = 0; i < inputs.size(); i++) {
                InputPort input = inputs.get(i);
                int first = firstChannel(i, from);
                int end = firstChannel(i, to);
                int base = inputBase(piece, i, first);
                if (evaluatesBackward(input)) {
                    input.read(group, workspace.input, base, first, end);
                }
                place(slice, i, group, base, first, end);
                input.prepareContribution(group, first, end);
                slice.setDx(i, input, group, first);
            }
            loops.backward(slice);
            for (int i = 0; i < inputs.size(); i++) {
                int first = firstChannel(i, from);
                inputs.get(i).settle(group, workspace.input, inputBase(piece, i, first), first, first, firstChannel(i, to));
            }
        }

        private void placeOutput(OperatorSlice slice, int group, int at, int from, int to) {
            StoredActivation map = output.map;
            if (!map.rounds()) {
                slice.setY(map.data, map.at(group, from));
                return;
            }
            output.read(group, pass.workspace.input, at, from, to);
            slice.setY(pass.workspace.input, at);
        }
    }
}

package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.layer.ArrayOperator;
import dev.fedtiny.engine.layer.Division;
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
import java.util.List;
import java.util.stream.IntStream;

/**
 * The step of any {@link OperatorLayer}: inputs are computed into scratch, one behind the other; the {@link ArrayOperator} reads them there
 * and writes the output. Backward the same way round. What is done together, and so what threads share, follows from the layer's
 * {@link Division}.
 */
abstract class OperatorStep extends Step {
    final OperatorLayer layer;
    final ArrayOperator loops;
    private final SmallParameters own;
    /** One a thread. */
    private final OperatorSlice[] slices;

    /** What a step of an operator computes with. */
    record Parts(OperatorLayer layer, View view, List<InputPort> inputs, OutputPort output, SmallParameters own) {
    }

    OperatorStep(RunContext pass, int index, Parts parts) {
        super(pass, index, parts.inputs, parts.output);
        this.layer = parts.layer;
        this.loops = layer.bind(parts.view);
        this.own = parts.own;
        this.slices = new OperatorSlice[pass.threads()];
        for (int i = 0; i < slices.length; i++) {
            slices[i] = new OperatorSlice(this, own);
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
        // Pixels side by side are read without what lies beyond an edge: a window there sees a map of one pixel, and pads it itself.
        boolean bordered = tiled && !whole && !pass.lanesArePixels();
        Parts parts = new Parts(layer, new View(windows, output.tile, bordered), inputs,
                new OutputPort(pass, output, Placement.contiguous(output.tile)), own);
        return layer.division().part(output.shape) < output.shape.channels() ? new ChannelPartsStep(pass, index, parts)
                : new PixelBlocksStep(pass, index, parts);
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

    /** Where it finds what it computes first. */
    abstract OperatorScratch scratch();

    /** The passes over a group, backward. */
    abstract Team.GroupTask[] backwardSteps();

    @Override
    public void reserve(Workspace workspace) {
        scratch().reserve(workspace);
        workspace.needEdges(edgeFloats);
        workspace.needTransforms(loops.scratchFloats());
        reserveSlots(workspace, 0);
    }

    @Override
    void reserveSlots(Workspace workspace, int accumulators) {
        scratch().reservePieces(workspace, accumulators);
    }

    @Override
    void forward() {
        pass.team.eachGroup(this, forwardSteps());
        output.normalize(operator);
    }

    @Override
    void differentiate() {
        pass.team.eachGroup(this, backwardSteps());
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
        ledger.add(MemoryCategory.INDICES, scratch().bytes());
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

    /** The calling thread's slice, of a group that it begins with. */
    OperatorSlice slice(int group) {
        int worker = pass.team.workers.current();
        slices[worker].begin(group, pass.workspace.transforms, Arrays32.ORIGIN + worker * pass.workspace.transformFloats());
        return slices[worker];
    }

    /**
     * Says where channels of an input lie.
     *
     * @param base the place of channel 0 in scratch
     * @param offset floats behind a channel's first pixel
     */
    void place(OperatorSlice slice, int i, int base, int from, int to, int offset) {
        InputPort input = inputs.get(i);
        if (input.isDirect()) {
            slice.setX(i, input.value.map.data, input.value.map.at(slice.group(), from) + offset, to - from);
        } else {
            slice.setX(i, pass.workspace.input, base + from * input.placement.channel() + offset, to - from);
        }
    }

    /**
     * Says where channels of the output, from {@code from} on, are read.
     *
     * @param base the place of channel 0 in scratch
     * @param offset floats behind a channel's first pixel
     */
    void placeOutput(OperatorSlice slice, int base, int from, int offset) {
        StoredActivation map = output.map;
        if (map.rounds()) {
            slice.setY(pass.workspace.input, base + from * map.channelFloats() + offset);
        } else {
            slice.setY(map.data, map.at(slice.group(), from) + offset);
        }
    }
}

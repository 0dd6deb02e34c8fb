package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
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
import java.util.List;

/**
 * An operator that computes every channel as every other, such as pooling, on a single image whose pixels lie side by side: eight channels
 * are turned into the lanes, where the {@link ArrayOperator} takes them for eight images of one channel, and its output is turned back.
 */
final class ChannelLanesStep extends Step {
    private static final PixelKernel PIXELS = KernelRegistry.current().pixels();

    private final OperatorLayer layer;
    private final ArrayOperator loops;
    private final SmallParameters own;
    private final InputPort input;
    /** Vectors of a channel before and behind the operator, and of the input as it is turned, a multiple of eight. */
    private final int before;
    private final int behind;
    private final int turned;
    /** Eights of channels that are taken through everything together. */
    private final int together;
    /** One a thread. */
    private final OperatorSlice[] slices;
    private final Team.GroupTask[] forwardSteps = {new Forward()};

    ChannelLanesStep(RunContext pass, int index, OperatorLayer layer, FusedInput value, StoredActivation output, SmallParameters own) {
        super(pass, index, List.of(new InputPort(pass, index, value, Placement.contiguous(value.map.tile))),
                new OutputPort(pass, output, Placement.contiguous(output.tile)));
        this.layer = layer;
        this.own = own;
        Shape read = value.map.shape;
        loops = layer.bind(new View(List.of(read), layer.output(), false));
        input = inputs.getFirst();
        before = read.pixels();
        behind = layer.output().pixels();
        turned = value.map.channelFloats();
        together = Math.min(Math.ceilDiv(read.channels(), Layout.LANES), chunk(turned * Layout.LANES));
        slices = new OperatorSlice[pass.threads()];
        for (int i = 0; i < slices.length; i++) {
            slices[i] = new OperatorSlice(this, own);
        }
    }

    /** Whether a layer's channels may lie in the lanes. */
    static boolean covers(OperatorLayer layer, Network network) {
        return layer.treatsChannelsAlike() && layer.channelwise() && layer.parameters().isEmpty() && layer.sources().size() == 1
                && !layer.reads(0).equals(Reads.PIXELS) && network.layers().get(layer.sources().getFirst()).output().pixels() > 1;
    }

    /** Floats of a thread's input as it lies, where it is not stored so. */
    private int values() {
        return input.isDirect() ? 0 : together * Layout.LANES * turned;
    }

    private int slotFloats() {
        return values() + together * (before + behind) * Layout.LANES + turned * Layout.LANES;
    }

    @Override
    public void reserve(Workspace workspace) {
        workspace.needTransforms(loops.scratchFloats());
        reserveSlots(workspace, 0);
    }

    @Override
    void reserveSlots(Workspace workspace, int accumulators) {
        workspace.needInput((long) pass.threads() * slotFloats());
    }

    @Override
    void forward() {
        pass.team.eachGroup(this, forwardSteps);
    }

    @Override
    void differentiate() {
        throw new IllegalStateException("plan: channels lie in the lanes in inference only");
    }

    @Override
    boolean differentiatesBy(InputPort port) {
        return false;
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
    void count(Meter meter, PassKind kind) {
        long bytes = 4L * input.value.map.groupFloats + 4L * output.map.groupFloats;
        long lanes = 4L * Math.ceilDiv(input.value.map.shape.channels(), Layout.LANES) * (before + behind) * Layout.LANES;
        meter.count(kind, 0, 0, 0, bytes + 2 * lanes);
    }

    @Override
    public void account(MemoryLedger ledger) {
        super.account(ledger);
        ledger.add(MemoryCategory.GRADIENTS, own.bytes());
    }

    private final class Forward extends RangeTask {
        Forward() {
            super(output.map.shape.channels(), PassKind.FORWARD);
        }

        @Override
        public int unit() {
            return Layout.LANES;
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            int worker = pass.team.workers.current();
            int base = Arrays32.ORIGIN + worker * slotFloats();
            int step = together * Layout.LANES;
            for (int c = from; c < to; c += step) {
                compute(worker, base, c, Math.min(to, c + step));
            }
        }

        private void compute(int worker, int base, int from, int to) {
            float[] scratch = pass.workspace.input;
            float[] x = scratch;
            int xAt = base;
            if (input.isDirect()) {
                x = input.value.map.data;
                xAt = input.value.map.at(0, from);
            } else {
                input.read(0, scratch, base - from * turned, from, to);
            }
            int eights = Math.ceilDiv(to - from, Layout.LANES);
            int lanes = base + values();
            int result = lanes + together * before * Layout.LANES + turned * Layout.LANES;
            for (int i = 0; i < eights; i++) {
                int first = i * Layout.LANES;
                // What is turned beyond the last pixel the next eight channels cover.
                PIXELS.channelsToLanes(x, xAt + first * turned, turned, scratch, lanes + first * before,
                        Math.min(Layout.LANES, to - from - first), turned);
            }
            OperatorSlice slice = slices[worker];
            slice.begin(0, pass.workspace.transforms, Arrays32.ORIGIN + worker * pass.workspace.transformFloats());
            slice.setChannels(0, eights);
            slice.setPixels(0, behind, 0);
            slice.setX(0, scratch, lanes, eights);
            slice.setY(scratch, result);
            loops.forward(slice);
            StoredActivation map = output.map;
            for (int c = from; c < to; c++) {
                int lane = result + (c - from) / Layout.LANES * behind * Layout.LANES + (c - from) % Layout.LANES;
                int at = map.at(0, c);
                for (int i = 0; i < behind; i++) {
                    map.data[at + i] = scratch[lane + i * Layout.LANES];
                }
            }
        }
    }
}

package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;

/**
 * The pixels of a value that a 1 × 1 convolution with a stride reads, {@code [group][C][H'][W'][8]}: an earlier convolution with this
 * stride, which lays the whole value out, keeps them in the forward pass for the other one, where maps leave room. Every second pixel of
 * every second row costs about as much to compute as all of them, and such a shortcut would do so twice a step.
 */
final class SampledInput {
    private final ConvolutionStep writer;
    private final ConvolutionStep reader;
    private final Placement.Part part;
    private final BatchScratch room = new BatchScratch();
    private final ChannelSet laidOut;
    private ArenaPlan keptIn;

    private SampledInput(ConvolutionStep writer, ConvolutionStep reader, Placement.Part part) {
        this.writer = writer;
        this.reader = reader;
        this.part = part;
        laidOut = channel -> writer.readChannels.has(channel) || reader.readChannels.has(channel);
    }

    /** What the first of two convolutions can keep for the second, or null. */
    static SampledInput between(ConvolutionStep writer, ConvolutionStep reader) {
        Conv2dGeometry first = writer.layout.geometry();
        Conv2dGeometry second = reader.layout.geometry();
        if (writer.input.value != reader.input.value || writer.index >= reader.index || second.stride().equals(PerAxis.ONE)
                || !first.stride().equals(second.stride()) || !second.kernel().equals(PerAxis.ONE)
                || !second.padding().equals(Padding.NONE) || writer.input.laidOut() == null || reader.input.laidOut() == null) {
            return null;
        }
        for (Placement.Part part : writer.input.laidOut().parts()) {
            if (part.source() == 0 && part.rows() >= second.outputHeight() && part.columns() >= second.outputWidth()) {
                return new SampledInput(writer, reader, part);
            }
        }
        return null;
    }

    /** Looks for room from the writer's forward pass to the reader's; nothing grows. */
    void findRoom(ArenaPlan arena, int groups) {
        room.find(arena, (long) groups * reader.input.placement.floats(), writer.index, reader.index);
        keptIn = arena;
    }

    /** Whether it is kept by bands. */
    boolean isBanded() {
        return writer.isBanded();
    }

    /** Floats from a group to the next. */
    private int groupStep() {
        return isBanded() ? keptIn.copyFloats(room.data()) : reader.input.placement.floats();
    }

    /** Whether there is room. */
    boolean found() {
        return room.found();
    }

    /** Says where the later convolution finds its input. */
    void bind(BufferBinding buffer) {
        buffer.bindGroups(room.data(), room.origin(), groupStep());
    }

    /** Channels that the earlier convolution has to lay out: a weight of either reads them. */
    ChannelSet laidOut() {
        return laidOut;
    }

    /** Floats that are written for a group. */
    long sampledFloats() {
        return (long) reader.channelsRead() * reader.input.placement.channel();
    }

    /** Keeps those channels {@code [from, to)} of a group that the later convolution reads and the earlier convolution has laid out. */
    void keep(int group, float[] scratch, int base, int from, int to) {
        ChannelSet kept = reader.readChannels;
        for (int c = kept.next(from, to), end; c < to; c = kept.next(end, to)) {
            end = kept.end(c, to);
            copy(group, scratch, base, c, end);
        }
    }

    private void copy(int group, float[] scratch, int base, int from, int to) {
        Conv2dGeometry geometry = reader.layout.geometry();
        int channel = reader.input.placement.channel();
        int written = writer.input.placement.channel();
        int origin = room.origin() + group * groupStep();
        Step.ELEMENTWISE.apply(scratch, base + from * written + part.place(), written, part.pitch(), part.step(), room.data(),
                origin + from * channel, channel, reader.input.placement.parts()[0].pitch(), Layout.LANES, to - from,
                geometry.outputHeight(), geometry.outputWidth(), null, null, 0, false, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }
}

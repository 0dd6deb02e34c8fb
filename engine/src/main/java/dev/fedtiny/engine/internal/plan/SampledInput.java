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

    private SampledInput(ConvolutionStep writer, ConvolutionStep reader, Placement.Part part) {
        this.writer = writer;
        this.reader = reader;
        this.part = part;
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
    }

    /** Whether there is room. */
    boolean found() {
        return room.found();
    }

    float[] data() {
        return room.data();
    }

    /** Position of a group. */
    int at(int group) {
        return room.origin() + group * reader.input.placement.floats();
    }

    /** Whether a channel is kept: the other convolution has a weight that reads it. */
    boolean keeps(int channel) {
        return reader.pack.reads(channel);
    }

    /** Floats that are written for a group. */
    long keptFloats() {
        return (long) reader.channelsRead() * reader.input.placement.channel();
    }

    /** Keeps channels {@code [from, to)} of a group, which the earlier convolution has laid out. */
    void keep(int group, float[] scratch, int base, int from, int to) {
        int c = from;
        while (c < to) {
            int first = c;
            while (c < to && keeps(c)) {
                c++;
            }
            if (first < c) {
                copy(group, scratch, base, first, c);
            }
            c++;
        }
    }

    private void copy(int group, float[] scratch, int base, int from, int to) {
        Conv2dGeometry geometry = reader.layout.geometry();
        int channel = reader.input.placement.channel();
        int laidOut = writer.input.placement.channel();
        Step.ELEMENTWISE.apply(scratch, base + from * laidOut + part.place(), laidOut, part.pitch(), part.step(), data(),
                at(group) + from * channel, channel, reader.input.placement.parts()[0].pitch(), Layout.LANES, to - from,
                geometry.outputHeight(), geometry.outputWidth(), null, null, 0, false, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }
}

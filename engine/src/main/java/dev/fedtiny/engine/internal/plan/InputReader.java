package dev.fedtiny.engine.internal.plan;

/**
 * How the pass under way comes by the input of a step with weights: it computes what it needs, also keeps some of it for a later step, or
 * finds all it needs stored, or kept by an earlier one. The step says which once a pass; afterwards the input lies in {@link #buffer}.
 */
final class InputReader {
    /** Where the input lies; bound by the step, except where it is kept by another. */
    final BufferBinding buffer = new BufferBinding();
    private final InputPort port;
    private ChannelSet computed = ChannelSet.ALL;
    /** What this step keeps for a later one in the pass under way, or null. */
    private SampledInput keeping;

    InputReader(InputPort port) {
        this.port = port;
    }

    /** The pass computes channels of the input. */
    void compute(ChannelSet channels) {
        computed = channels;
        keeping = null;
    }

    /** The pass computes what this step or a later one reads, and keeps the later one's part. */
    void computeAndKeep(SampledInput kept) {
        computed = kept.laidOut();
        keeping = kept;
    }

    /** The pass finds the input where an earlier step has kept it. */
    void takeKept(SampledInput kept) {
        computed = ChannelSet.NONE;
        keeping = null;
        kept.bind(buffer);
    }

    /** The pass finds the input where it is stored. */
    void takeStored() {
        computed = ChannelSet.NONE;
        keeping = null;
        StoredActivation map = port.value.map;
        buffer.bindGroups(map.data, map.at(0, 0), map.groupFloats);
    }

    /** Channels that are computed in the pass under way. */
    int computedChannels() {
        return computed.count(port.value.map.shape.channels());
    }

    /** Floats a group that the pass under way keeps for another step. */
    long sampledFloats() {
        return keeping == null ? 0 : keeping.sampledFloats();
    }

    /** Brings channels {@code [from, to)} of a group into its place. */
    void read(int group, int slot, int from, int to) {
        int base = buffer.at(group, slot);
        if (keeping == null) {
            compute(group, base, from, to);
            return;
        }
        int chunk = Step.chunk(port.placement.channel());
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            compute(group, base, c, end);
            keeping.keep(group, buffer.data(), base, c, end);
        }
    }

    /** Fills what computed channels of a band see of the other one. */
    void fillEdges(int band, int slot) {
        if (port.crosses()) {
            int channels = port.value.map.shape.channels();
            int base = buffer.at(band, slot);
            for (int c = computed.next(0, channels), end; c < channels; c = computed.next(end, channels)) {
                end = computed.end(c, channels);
                port.fillEdges(band, buffer.data(), base, c, end);
            }
        }
    }

    /** Computes those channels {@code [from, to)} of a group that are wanted, channel 0 at {@code base}. */
    void compute(int group, int base, int from, int to) {
        for (int c = computed.next(from, to), end; c < to; c = computed.next(end, to)) {
            end = computed.end(c, to);
            port.read(group, buffer.data(), base, c, end);
        }
    }
}

package dev.fedtiny.engine.internal.plan;

/**
 * Where the pass under way has a map in scratch: an array, and a place in it for each image group. Either the groups under way lie in slots
 * of the {@link Workspace}, or each group of the batch has a place of its own, in the workspace or in free room of the arena. A step binds
 * once a pass; whoever reads or writes asks for {@link #at}.
 */
final class BufferBinding {
    private float[] data;
    private int origin;
    private int slotStride;
    private int groupStride;

    /** Groups lie in slots from {@code first} on, {@code floats} apart. */
    void bindSlots(float[] array, int first, int floats) {
        bind(array, first, floats, 0);
    }

    /** All groups of the batch lie side by side from {@code first} on, {@code floats} apart. */
    void bindGroups(float[] array, int first, int floats) {
        bind(array, first, 0, floats);
    }

    /** A slot has a place for each group: slots lie {@code slotFloats} apart, groups {@code groupFloats}. */
    void bind(float[] array, int first, int slotFloats, int groupFloats) {
        data = array;
        origin = first;
        slotStride = slotFloats;
        groupStride = groupFloats;
    }

    float[] data() {
        return data;
    }

    /** Position of a group that has a slot. */
    int at(int group, int slot) {
        return origin + group * groupStride + slot * slotStride;
    }

    /** Floats from a group to the next of the same slot; 0 where a slot has room for one group. */
    int groupStride() {
        return groupStride;
    }
}

package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.tensor.Shape;

/** A tensor that lives in memory for more than one operator: {@code [group][C][H][W][8]} from {@link #origin} on, without halo. */
final class StoredMap {
    final Shape shape;
    /** Floats of one image group. */
    final int groupFloats;
    /** The stage that computes it; −1 for the images. */
    final int producer;
    /** The one value built on it; null until the plan has one. */
    Value value;
    /** Whether the gradient is wanted although no parameter lies before the map. */
    boolean gradientWanted;
    float[] data;
    int origin;

    StoredMap(Shape shape, int producer) {
        this.shape = shape;
        this.groupFloats = shape.size() * 8;
        this.producer = producer;
    }

    /** Position of a channel of a group. */
    int at(int group, int channel) {
        return origin + group * groupFloats + channel * shape.pixels() * 8;
    }
}

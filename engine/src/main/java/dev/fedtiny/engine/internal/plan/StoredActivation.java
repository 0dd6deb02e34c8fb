package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.kernel.Bfloat16;
import dev.fedtiny.engine.internal.kernel.StorageKernel;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;

/** A tensor that lives in memory for more than one operator: {@code [group][C][H'][W'][8]} from {@link #origin} on, without halo. */
public final class StoredActivation {
    public final Shape shape;
    /** What the lanes are. */
    final Layout layout;
    /** What one lane holds: the map itself, or a tile of it. */
    final Shape tile;
    /** Values of one image group; floats where they lie in scratch. */
    final int groupFloats;
    /** The step that computes it; −1 for the images. */
    final int producer;
    /** The one value built on it; null until the plan has one. */
    FusedInput value;
    /** Whether training needs the map's gradient: a trained parameter lies before it, or somebody asks for that of the images. */
    final boolean needsGradient;
    /** Computes with the map, and with the gradient of the value built on it, in the form in which both are stored. */
    final StorageKernel storage;
    public float[] data;
    /** Position of the first value, counted in values of the form, as all positions in the map are. */
    int origin;
    /** Floats from a group to the next. */
    private int groupStep;
    /** Where the map is the images and steps read these as bytes; else null, and {@link #data} holds the map. */
    ByteImages bytes;

    StoredActivation(Shape shape, Layout layout, int producer, boolean needsGradient, StorageKernel storage) {
        this.shape = shape;
        this.layout = layout;
        this.tile = layout.tile(shape);
        this.groupFloats = tile.size() * Layout.LANES;
        this.producer = producer;
        this.needsGradient = needsGradient;
        this.storage = storage;
        this.groupStep = groupFloats;
    }

    /** Floats of an array that hold one image group as it is stored. */
    int groupWords() {
        return groupFloats / storage.valuesAWord();
    }

    /** Bytes of one image group as it is stored. */
    long groupBytes() {
        return bytes == null ? 4L * groupWords() : groupFloats;
    }

    /** Whether values are rounded when they are stored, so that they are computed in scratch first. */
    boolean rounds() {
        return storage.valuesAWord() > 1;
    }

    /** Floats of a channel of a group in scratch. */
    int channelFloats() {
        return tile.pixels() * Layout.LANES;
    }

    /** The value at a position. */
    float get(int position) {
        return rounds() ? Bfloat16.get(data, position) : data[position];
    }

    /** Position of a channel of a group. */
    int at(int group, int channel) {
        return origin + group * groupStep + channel * channelFloats();
    }

    /** Lies there from now on, groups {@code step} floats apart. */
    void lie(float[] newData, int newOrigin, int step) {
        data = newData;
        origin = newOrigin;
        groupStep = step;
    }

    int groupStep() {
        return groupStep;
    }

    /** Position of one value of an image, {@code flat} in C,H,W order. */
    int position(int image, int flat) {
        int pixel = flat % shape.pixels();
        int index = layout.index(shape, image, flat / shape.pixels(), pixel / shape.width(), pixel % shape.width());
        return origin + index / groupFloats * groupStep + index % groupFloats;
    }

    /**
     * Before its gradient is read: gradients of γ and β of the normalisation built on it, and the coefficients by which the gradient of the
     * value becomes the map's.
     */
    void prepareGradient(RunContext pass) {
        if (value != null && value.norm != null && (value.norm.isTrained || needsGradient)) {
            value.norm.prepareBackward(pass.groups(), shape.pixels(), pass.count());
        }
    }
}

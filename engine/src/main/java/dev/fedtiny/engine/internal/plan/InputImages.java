package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.PassKind;

/** What a session does with the images themselves: it takes them, and where wanted normalises them and knows their gradient. */
public final class InputImages {
    /** What a meter calls them by. */
    public int operator;
    private final RunContext pass;
    private final StoredActivation map;

    public InputImages(RunContext pass, StoredActivation map) {
        this.pass = pass;
        this.map = map;
    }

    /** Takes images in N,C,H,W order. */
    void set(float[] nchw, int count) {
        pass.team.start(operator);
        ImageLanes.pack(nchw, count, map.shape.size(), map.data, map.origin);
        pass.team.stop(PassKind.BATCH, 8L * count * map.shape.size());
    }

    /** Clears the lanes of a pass of {@code count} images that hold none. */
    void clearPadding(int count) {
        ImageLanes.clearPadding(count, map.shape.size(), map.data, map.origin);
    }

    /** Batch statistics of a normalisation right behind the images, where there is one. */
    void moments() {
        Normalization norm = map.value == null ? null : map.value.norm;
        if (norm == null || !norm.usesBatch) {
            return;
        }
        pass.team.start(operator);
        for (int g = 0; g < pass.groups(); g++) {
            map.storage.moments(map.data, map.at(g, 0), norm.channels, map.shape.pixels(), pass.lanes(g), norm.first, norm.second,
                    g * norm.channels);
        }
        norm.useBatchStatistics(pass.groups(), map.shape.pixels(), pass.count());
        pass.team.stop(PassKind.STATISTICS, 4L * pass.groups() * map.groupFloats);
    }

    /** The gradient of the images after a backward pass, N,C,H,W, as a new array. */
    float[] gradient() {
        FusedInput value = map.value;
        if (!map.needsGradient || value == null || value.gradient == null) {
            throw new IllegalStateException("session: no gradient of the images; open it in mode TRAINING with InputGradient.COMPUTED");
        }
        float[] gradient = ImageLanes.unpack(value.gradient, value.gradientAt(0, 0), pass.count(), map.shape.size());
        Normalization norm = value.norm;
        if (norm != null) {
            float[] images = ImageLanes.unpack(map.data, map.origin, pass.count(), map.shape.size());
            int pixels = map.shape.pixels();
            for (int i = 0; i < gradient.length; i++) {
                int c = i / pixels % norm.channels;
                gradient[i] = norm.a[c] * gradient[i] + (norm.b[c] * images[i] + norm.c[c]);
            }
        }
        return gradient;
    }
}

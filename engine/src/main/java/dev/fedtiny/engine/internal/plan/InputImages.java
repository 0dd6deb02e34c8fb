package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.measure.PassKind;

/**
 * What a session does with the images themselves: it takes them, and where wanted normalises them and knows their gradient. Where lanes are
 * tiles it cuts the images itself, into the place of images that lie one a lane, until somebody is handed that array: from then on images
 * come as they always lie, and the first step cuts them. Images that are bytes stay as they come, except where the network normalises,
 * bounds or adds them before a step reads them: then they are laid out as floats at the beginning of a pass.
 */
public final class InputImages {
    /** What a meter calls them by. */
    public int operator;
    private final RunContext pass;
    private final ExecutionPlan plan;
    private final StoredActivation map;
    private final Placement contiguous;
    private boolean handedOut;
    /** Where the first step puts tiles. */
    private float[] tileData;
    private int tileOrigin;
    private int tileStep;

    public InputImages(RunContext pass, ExecutionPlan plan) {
        this.pass = pass;
        this.plan = plan;
        this.map = plan.images;
        this.contiguous = Placement.contiguous(map.shape);
    }

    /** The array of images is the caller's to write from now on. */
    void handOut() {
        handedOut = true;
        if (plan.firstStep() == 0) {
            return;
        }
        StoredActivation tiles = plan.imageTiles;
        int size = map.shape.size();
        float[] images = new float[pass.batch * size];
        for (int i = 0; i < images.length; i++) {
            images[i] = tiles.data[tiles.position(i / size, i % size)];
        }
        tiles.lie(tileData, tileOrigin, tileStep);
        ImageLanes.pack(images, pass.batch, size, map.data, map.origin);
    }

    /** Takes images that are bytes. */
    void set(byte[] nchw, int count) {
        pass.team.start(operator);
        plan.bytes.set(nchw, count);
        pass.team.stop(PassKind.BATCH, 2L * count * map.shape.size());
    }

    /** Takes images in N,C,H,W order. */
    void set(float[] nchw, int count) {
        pass.team.start(operator);
        if (plan.imageTiles == null || handedOut) {
            ImageLanes.pack(nchw, count, map.shape.size(), map.data, map.origin);
        } else {
            setTiles(nchw, count);
        }
        pass.team.stop(PassKind.BATCH, 8L * count * map.shape.size());
    }

    private void setTiles(float[] nchw, int count) {
        StoredActivation tiles = plan.imageTiles;
        if (plan.firstStep() == 0) {
            tileData = tiles.data;
            tileOrigin = tiles.origin;
            tileStep = tiles.groupStep();
            tiles.lie(map.data, map.origin, tiles.groupFloats);
        }
        ImageLanes.packTiles(nchw, count, tiles.shape, tiles.layout, tiles.data, tiles.origin);
    }

    /** Lays images out as floats that are bytes but read as floats; the pass has begun. */
    void layOut() {
        if (plan.bytes == null || map.bytes != null) {
            return;
        }
        pass.team.start(operator);
        for (int g = 0; g < pass.groups(); g++) {
            plan.bytes.read(g, map.data, map.at(g, 0), contiguous, 0, map.shape.channels());
        }
        pass.team.stop(PassKind.BATCH, 5L * pass.groups() * map.groupFloats);
    }

    /** Clears the lanes of a pass of {@code count} images that hold none; lanes of tiles that hold none may hold anything. */
    void clearPadding(int count) {
        if (plan.bytes == null && plan.firstStep() == 0) {
            ImageLanes.clearPadding(count, map.shape.size(), map.data, map.origin);
        }
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

    /** Whether a normalisation right behind the images makes their gradient depend on them. */
    boolean areNormalised() {
        return map.value != null && map.value.norm != null;
    }

    /** Refuses the gradient of the images where none is computed. */
    void checkGradient() {
        if (!map.needsGradient || map.value == null || map.value.gradient == null) {
            throw new IllegalStateException("session: no gradient of the images; open it in mode TRAINING with InputGradient.COMPUTED");
        }
    }

    /** The gradient of the images after a backward pass, N,C,H,W, as a new array. */
    float[] gradient() {
        FusedInput value = map.value;
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

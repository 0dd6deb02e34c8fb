package dev.fedtiny.device;

import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.TopK;

/** Gradients at all pruned positions of a layer, and the largest of them: where a device has to tell any of them later. Not thread-safe. */
final class KeptGradients implements GradientSink {
    private final TopK largest;
    private final float[] all;

    /** Zeros, 4 bytes a position. */
    KeptGradients(TopK largest, int positions) {
        this.largest = largest;
        this.all = new float[positions];
    }

    @Override
    public void offer(int index, float value) {
        largest.offer(index, value);
        all[index] = value;
    }

    float[] all() {
        return all;
    }
}

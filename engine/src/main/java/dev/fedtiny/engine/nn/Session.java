package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.TopK;

/**
 * A network bound to a batch size, a mode and a workspace; owns the packed, mutable weights. See the package.
 * Not thread-safe.
 */
public final class Session implements AutoCloseable {
    private Session() {
    }

    /** A session on the caller's thread alone, formats chosen by density. */
    public static Session open(ModelState state, Mode mode, int batch) {
        throw new UnsupportedOperationException();
    }

    /** A session on a team of workers (not closed with the session). */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, FormatChoice formats) {
        throw new UnsupportedOperationException();
    }

    /** The architecture. */
    public Network network() {
        throw new UnsupportedOperationException();
    }

    /** What the session is for. */
    public Mode mode() {
        throw new UnsupportedOperationException();
    }

    /** Largest number of images a pass takes. */
    public int batch() {
        throw new UnsupportedOperationException();
    }

    /** Images of the next pass, layout [group][C][H][W][8]: the live array, written by the caller before forward. Lanes past the count may hold anything. */
    public float[] input() {
        throw new UnsupportedOperationException();
    }

    /** Labels of the next pass, one an image: the live array (length batch). */
    public int[] labels() {
        throw new UnsupportedOperationException();
    }

    /** Fills {@link #input()} from N,C,H,W order. */
    public void setImages(float[] nchw, int count) {
        throw new UnsupportedOperationException();
    }

    /** One pass over the first {@code count} images; 1 ≤ count ≤ batch. */
    public void forward(int count) {
        throw new UnsupportedOperationException();
    }

    /** Images of the last forward pass. */
    public int count() {
        throw new UnsupportedOperationException();
    }

    /** One logit of the last pass. */
    public float logit(int image, int label) {
        throw new UnsupportedOperationException();
    }

    /** Sum over the images of the last pass of the cross entropy against {@link #labels()}, in double. */
    public double lossSum() {
        throw new UnsupportedOperationException();
    }

    /** Images of the last pass whose largest logit (lowest class on ties) is the label. */
    public int correct() {
        throw new UnsupportedOperationException();
    }

    /** Gradients of the mean cross entropy of the last pass; TRAINING only, once a forward pass. */
    public void backward() {
        throw new UnsupportedOperationException();
    }

    /** As {@link #backward()}, and offers the gradient of every PRUNED position of some weights (flat state_dict index) to buffers: growth.get(i) belongs to parameter parameters[i]. */
    public void backward(int[] parameters, TopK[] growth) {
        throw new UnsupportedOperationException();
    }

    /** Live kept values of a parameter or running statistic, in the order of its mask. */
    public float[] values(int parameter) {
        throw new UnsupportedOperationException();
    }

    /** Gradient of a trainable parameter, same order and length as {@link #values}; null for running statistics. */
    public float[] gradient(int parameter) {
        throw new UnsupportedOperationException();
    }

    /** The values copied out as an immutable state. */
    public ModelState state() {
        throw new UnsupportedOperationException();
    }

    /** Takes over values, and masks where they changed (only those layers are packed anew). */
    public void load(ModelState state) {
        throw new UnsupportedOperationException();
    }

    /** The workers every parallel step of this session runs on. */
    public Workers workers() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of all arrays the session holds. */
    public long bytes() {
        throw new UnsupportedOperationException();
    }

    /** Restarts the stream of dropout masks. */
    public void seedDropout(long seed) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}

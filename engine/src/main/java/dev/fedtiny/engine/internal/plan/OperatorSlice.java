package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.Slice;

/** The slice of one thread, filled anew for every call. */
final class OperatorSlice implements Slice {
    private final Step owner;
    private final SmallParameters own;
    private final Input[] inputs;
    private float[] y;
    private int yAt;
    private float[] dy;
    private int dyAt;
    private float[] scratch;
    private int scratchAt;
    private int group;
    private int first;
    private int channels;
    private int firstPixel;
    private int pixels;
    private int block;

    /** Where an input and its gradient lie. */
    private static final class Input {
        private float[] x;
        private int xAt;
        private float[] dx;
        private int dxAt;
        private int channels;
        private boolean adds;
    }

    OperatorSlice(Step owner, SmallParameters own) {
        this.owner = owner;
        this.own = own;
        inputs = new Input[owner.inputs.size()];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = new Input();
        }
    }

    void begin(int newGroup, float[] newScratch, int at) {
        group = newGroup;
        scratch = newScratch;
        scratchAt = at;
    }

    void setChannels(int from, int count) {
        first = from;
        channels = count;
    }

    /** Says which pixels it is of, and the number of the block that sums for parameters are of. */
    void setPixels(int from, int count, int ofBlock) {
        firstPixel = from;
        pixels = count;
        block = ofBlock;
    }

    void setX(int input, float[] data, int at, int count) {
        inputs[input].x = data;
        inputs[input].xAt = at;
        inputs[input].channels = count;
    }

    void setY(float[] data, int at) {
        y = data;
        yAt = at;
    }

    void setDy(float[] data, int at) {
        dy = data;
        dyAt = at;
    }

    /**
     * The gradient of what a port reads, from a channel on; none where it is not wanted.
     *
     * @param piece of scratch that contributions lie in which are rounded
     * @param offset floats behind a channel's first pixel
     */
    void setDx(int input, InputPort port, int piece, int from, int offset) {
        Input of = inputs[input];
        of.dx = port.feedsBack() ? port.contribution() : null;
        of.dxAt = port.feedsBack() ? port.contributionBase(piece, group, from) + from * port.value.map.channelFloats() + offset : 0;
        of.adds = !port.begins();
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public int firstChannel() {
        return first;
    }

    @Override
    public int pixels() {
        return pixels;
    }

    @Override
    public int firstPixel() {
        return firstPixel;
    }

    @Override
    public int channels(int input) {
        return inputs[input].channels;
    }

    @Override
    public int group() {
        return group;
    }

    @Override
    public int lanes() {
        return owner.pass.lanes(group);
    }

    @Override
    public float[] x(int input) {
        return inputs[input].x;
    }

    @Override
    public int xAt(int input) {
        return inputs[input].xAt;
    }

    @Override
    public float[] y() {
        return y;
    }

    @Override
    public int yAt() {
        return yAt;
    }

    @Override
    public float[] dy() {
        return dy;
    }

    @Override
    public int dyAt() {
        return dyAt;
    }

    @Override
    public boolean wanted(int input) {
        return inputs[input].dx != null;
    }

    @Override
    public boolean adds(int input) {
        return inputs[input].adds;
    }

    @Override
    public float[] dx(int input) {
        return inputs[input].dx;
    }

    @Override
    public int dxAt(int input) {
        return inputs[input].dxAt;
    }

    @Override
    public float[] parameter(int parameter) {
        return own.values(parameter);
    }

    @Override
    public double[] sums(int parameter) {
        return own.sums(parameter);
    }

    @Override
    public int sumsAt(int parameter) {
        return own.sumsAt(parameter, group, block);
    }

    @Override
    public float[] scratch() {
        return scratch;
    }

    @Override
    public int scratchAt() {
        return scratchAt;
    }

    @Override
    public long seed() {
        return owner.pass.dropoutSeed;
    }

    @Override
    public long pass() {
        return owner.pass.number;
    }

    @Override
    public int step() {
        return owner.index;
    }
}

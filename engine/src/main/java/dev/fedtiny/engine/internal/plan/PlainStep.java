package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.Locale;

/** An operator without weights that treats every channel by itself: its input is computed into scratch, channel by channel. */
abstract class PlainStep extends Step {
    static final PoolKernel POOLS = KernelRegistry.current().pools();

    private final Team.GroupTask[] forwardSteps = {new Forward()};
    private final Team.GroupTask[] backwardSteps = {new Backward()};

    /** What the operator sees of its input at a time: the map, or a tile's window of it. */
    final Shape window;

    PlainStep(RunContext pass, int index, FusedInput input, StoredActivation output, Shape window) {
        super(pass, index, input, output, Placement.contiguous(window), Placement.contiguous(output.tile));
        this.window = window;
    }

    /** Computes {@code channels} channels: x at {@code xAt} to y at {@code yAt}, both contiguous. */
    abstract void compute(float[] x, int xAt, float[] y, int yAt, int channels, int group, int firstChannel);

    /** Sets (where {@link #begins}) or adds to dx what flows back from dy. */
    abstract void contribute(float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int channels, int group, int firstChannel);

    @Override
    public void reserve(Workspace workspace) {
        reserveReading(workspace);
        reserveFresh(workspace);
        long slots = Math.min(pass.threads(), pass.capacityGroups);
        workspace.needInput(slots * inputPlacement.floats());
        if (pass.mode == Mode.TRAINING) {
            workspace.needGradient(slots * gradientPlacement.floats());
        }
    }

    @Override
    void forward() {
        pass.team.eachGroup(this, forwardSteps);
        normalizeOutput();
    }

    @Override
    void backward() {
        if (!feedsBack()) {
            return;
        }
        prepareOutputGradient();
        pass.team.eachGroup(this, backwardSteps);
    }

    @Override
    public final String label(Network network) {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT) + "." + index;
    }

    @Override
    final void count(Meter meter, PassKind kind) {
        StepWork.plain(this, meter, kind, pass.groups());
    }

    private final class Forward implements Team.GroupTask {
        private final PassKind[] kinds = {PassKind.FORWARD};

        @Override
        public PassKind[] kinds() {
            return kinds;
        }

        @Override
        public int extent() {
            return output.shape.channels();
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            float[] scratch = pass.workspace.input;
            int base = Arrays32.ORIGIN + slot * inputPlacement.floats();
            int chunk = chunk(inputPlacement.channel());
            for (int c = from; c < to; c += chunk) {
                int end = Math.min(to, c + chunk);
                readInput(group, scratch, base, c, end);
                compute(scratch, base + c * inputPlacement.channel(), fresh(), freshAt(group, slot, c), end - c, group, c);
            }
            keep(group, slot, from, to);
        }
    }

    private final class Backward implements Team.GroupTask {
        private final PassKind[] kinds = {PassKind.BACKWARD_DATA};

        @Override
        public PassKind[] kinds() {
            return kinds;
        }

        @Override
        public int extent() {
            return output.shape.channels();
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            Workspace workspace = pass.workspace;
            int base = Arrays32.ORIGIN + slot * inputPlacement.floats();
            int gradientBase = Arrays32.ORIGIN + slot * gradientPlacement.floats();
            outputGradient(group, workspace.gradient, gradientBase, from, to);
            evaluate(input, group, workspace.input, base, inputPlacement, from, to);
            contribute(workspace.input, base + from * inputPlacement.channel(), workspace.gradient,
                    gradientBase + from * gradientPlacement.channel(), input.gradient, input.gradientAt(group, from), to - from,
                    group, from);
            if (finishes()) {
                finishInput(group, workspace.input, base, from, to);
            }
        }
    }

    /** Largest value of each window. */
    static final class MaxPool extends PlainStep {
        private final int kernel;
        private final int stride;

        MaxPool(RunContext pass, int index, FusedInput input, StoredActivation output, int kernel, int stride) {
            super(pass, index, input, output, pass.tiled() ? window(input, output, kernel, stride) : input.map.shape);
            this.kernel = kernel;
            this.stride = stride;
            if (pass.tiled()) {
                readTiles(TileReader.pooling(pass, input, output, window, stride));
            }
        }

        private static Shape window(FusedInput input, StoredActivation output, int kernel, int stride) {
            return new Shape(input.map.shape.channels(), (output.tile.height() - 1) * stride + kernel,
                    (output.tile.width() - 1) * stride + kernel);
        }

        @Override
        void compute(float[] x, int xAt, float[] y, int yAt, int channels, int group, int firstChannel) {
            POOLS.maxForward(x, xAt, channels, window.height(), window.width(), kernel, stride, y, yAt, output.tile.height(),
                    output.tile.width());
        }

        @Override
        void contribute(float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int channels, int group, int firstChannel) {
            if (begins) {
                Arrays.fill(dx, dxAt, dxAt + channels * window.pixels() * 8, 0);
            }
            POOLS.maxBackward(x, xAt, channels, window.height(), window.width(), kernel, stride, dy, dyAt, output.shape.height(),
                    output.shape.width(), dx, dxAt);
        }
    }

    /** Mean of each channel. */
    static final class Average extends PlainStep {
        Average(RunContext pass, int index, FusedInput input, StoredActivation output) {
            super(pass, index, input, output, input.map.shape);
            if (pass.tiled()) {
                readTiles(TileReader.whole(pass, input));
            }
        }

        @Override
        void compute(float[] x, int xAt, float[] y, int yAt, int channels, int group, int firstChannel) {
            POOLS.averageForward(x, xAt, channels, input.map.shape.pixels(), y, yAt);
        }

        @Override
        void contribute(float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int channels, int group, int firstChannel) {
            POOLS.averageBackward(dy, dyAt, channels, input.map.shape.pixels(), dx, dxAt, !begins);
        }
    }

    /** A 1 × 1 map repeated. */
    static final class Repeat extends PlainStep {
        Repeat(RunContext pass, int index, FusedInput input, StoredActivation output) {
            super(pass, index, input, output, input.map.shape);
            if (pass.tiled()) {
                readTiles(TileReader.repeated(pass, input, output));
            }
        }

        @Override
        void compute(float[] x, int xAt, float[] y, int yAt, int channels, int group, int firstChannel) {
            POOLS.repeatForward(x, xAt, channels, output.tile.pixels(), y, yAt);
        }

        @Override
        void contribute(float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int channels, int group, int firstChannel) {
            POOLS.repeatBackward(dy, dyAt, channels, output.shape.pixels(), dx, dxAt, !begins);
        }
    }

    /** A value stored, where one operator needs it as a map of its own. */
    static final class Copy extends PlainStep {
        Copy(RunContext pass, int index, FusedInput input, StoredActivation output) {
            super(pass, index, input, output, output.tile);
            if (pass.tiled()) {
                readTiles(TileReader.pooling(pass, input, output, output.tile, 1));
            }
        }

        @Override
        void compute(float[] x, int xAt, float[] y, int yAt, int channels, int group, int firstChannel) {
            System.arraycopy(x, xAt, y, yAt, channels * output.tile.pixels() * 8);
        }

        @Override
        void contribute(float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int channels, int group, int firstChannel) {
            int floats = channels * output.shape.pixels() * 8;
            if (begins) {
                System.arraycopy(dy, dyAt, dx, dxAt, floats);
            } else {
                ELEMENTWISE.add(dy, dyAt, dx, dxAt, floats);
            }
        }
    }

    /**
     * Dropout in training. Whether a value stays is a hash of seed, pass, layer, image and position: no mask is stored, and threads
     * and batch layout do not matter.
     */
    static final class Drop extends PlainStep {
        private final double probability;
        private final float factor;

        Drop(RunContext pass, int index, FusedInput input, StoredActivation output, double probability) {
            super(pass, index, input, output, input.map.shape);
            this.probability = probability;
            this.factor = (float) (1 / (1 - probability));
        }

        private boolean keeps(int image, int position) {
            long h = pass.dropoutSeed + pass.number * 0x9E3779B97F4A7C15L;
            h = mix(h ^ (index * 0xD1B54A32D192ED03L));
            h = mix(h + image * 0xABC98388FB8FAC03L + position);
            return (h >>> 11) * 0x1p-53 >= probability;
        }

        private static long mix(long seed) {
            long z = (seed ^ (seed >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            return z ^ (z >>> 31);
        }

        @Override
        void compute(float[] x, int xAt, float[] y, int yAt, int channels, int group, int firstChannel) {
            int pixels = output.shape.pixels();
            for (int i = 0; i < channels * pixels; i++) {
                for (int lane = 0; lane < 8; lane++) {
                    y[yAt + i * 8 + lane] = keeps(group * 8 + lane, firstChannel * pixels + i) ? x[xAt + i * 8 + lane] * factor : 0;
                }
            }
        }

        @Override
        void contribute(float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int channels, int group, int firstChannel) {
            int pixels = output.shape.pixels();
            for (int i = 0; i < channels * pixels; i++) {
                for (int lane = 0; lane < 8; lane++) {
                    float g = keeps(group * 8 + lane, firstChannel * pixels + i) ? dy[dyAt + i * 8 + lane] * factor : 0;
                    dx[dxAt + i * 8 + lane] = begins ? g : dx[dxAt + i * 8 + lane] + g;
                }
            }
        }
    }
}

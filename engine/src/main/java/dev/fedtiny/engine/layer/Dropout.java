package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Zeroes each value with a probability in training and scales the others by 1 / (1 − p); the identity elsewhere (Srivastava et al., 2014).
 * Whether a value stays is a hash of seed, pass, step, image and position: no mask is stored, and threads and batch layout do not matter.
 *
 * @param source position of the input
 * @param output as the input
 * @param probability p, in [0, 1)
 */
public record Dropout(int source, Shape output, double probability) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("dropout", 1, (attributes, sources, inputs) -> new Dropout(sources.getFirst(),
            inputs.getFirst(), attributes.number("probability")));

    /** Checks the probability. */
    public Dropout {
        Given.notNull(output, "dropout: output", "the shape of the output");
        if (!(probability >= 0 && probability < 1)) {
            throw new IllegalArgumentException("network: dropout with probability " + probability + ", must be in [0, 1)");
        }
    }

    @Override
    public String kind() {
        return KIND.key();
    }

    @Override
    public List<Integer> sources() {
        return List.of(source);
    }

    @Override
    public List<Shape> inputs() {
        return List.of(output);
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY.with("probability", probability);
    }

    @Override
    public Dropout withSources(List<Integer> sources) {
        return new Dropout(sources.getFirst(), output, probability);
    }

    @Override
    public boolean isIdentity(boolean training) {
        return !training || probability == 0;
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(view.output().pixels(), probability, (float) (1 / (1 - probability)));
    }

    private record Loops(int pixels, double probability, float factor) implements ArrayOperator {
        private boolean keeps(Slice slice, int image, int position) {
            long h = slice.seed() + slice.pass() * 0x9E3779B97F4A7C15L;
            h = mix(h ^ (slice.step() * 0xD1B54A32D192ED03L));
            h = mix(h + image * 0xABC98388FB8FAC03L + position);
            return (h >>> 11) * 0x1p-53 >= probability;
        }

        private static long mix(long seed) {
            long z = (seed ^ (seed >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            return z ^ (z >>> 31);
        }

        @Override
        public void forward(Slice slice) {
            float[] x = slice.x(0);
            float[] y = slice.y();
            int first = slice.firstChannel() * pixels;
            for (int i = 0; i < slice.channels() * pixels; i++) {
                for (int lane = 0; lane < Layout.LANES; lane++) {
                    int at = i * Layout.LANES + lane;
                    y[slice.yAt() + at] = keeps(slice, slice.group() * Layout.LANES + lane, first + i) ? x[slice.xAt(0) + at] * factor : 0;
                }
            }
        }

        @Override
        public void backward(Slice slice) {
            float[] dy = slice.dy();
            float[] dx = slice.dx(0);
            int first = slice.firstChannel() * pixels;
            for (int i = 0; i < slice.channels() * pixels; i++) {
                for (int lane = 0; lane < Layout.LANES; lane++) {
                    int at = i * Layout.LANES + lane;
                    float g = keeps(slice, slice.group() * Layout.LANES + lane, first + i) ? dy[slice.dyAt() + at] * factor : 0;
                    dx[slice.dxAt(0) + at] = slice.adds(0) ? dx[slice.dxAt(0) + at] + g : g;
                }
            }
        }

        @Override
        public boolean readsInputs() {
            return false;
        }
    }
}

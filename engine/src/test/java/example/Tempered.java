package example;

import dev.fedtiny.engine.layer.ArrayOperator;
import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.LayerKind;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Reads;
import dev.fedtiny.engine.layer.Slice;
import dev.fedtiny.engine.layer.View;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * An embedder's operator over all channels: exp of x / 4, divided by its sum over the channels of each pixel, or over the whole map.
 * Backward it reads what it has written.
 *
 * @param wholeMap whether the sum is over the map
 */
public record Tempered(int source, Shape output, boolean wholeMap) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("tempered", 1, (attributes, sources, inputs) -> new Tempered(sources.getFirst(),
            inputs.getFirst(), attributes.flag("whole_map")));

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
        return Attributes.EMPTY.with("whole_map", wholeMap);
    }

    @Override
    public Tempered withSources(List<Integer> sources) {
        return new Tempered(sources.getFirst(), output, wholeMap);
    }

    @Override
    public Reads reads(int input) {
        return wholeMap ? Reads.WHOLE_MAP : Reads.PIXELS;
    }

    @Override
    public boolean channelwise() {
        return false;
    }

    @Override
    public ArrayOperator bind(View view) {
        int floats = view.output().size() * Layout.LANES;
        return new Loops(floats, wholeMap ? Layout.LANES : view.output().pixels() * Layout.LANES);
    }

    /** Sums are over values that lie {@code step} floats apart. */
    private record Loops(int floats, int step) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            Arrays.fill(slice.scratch(), slice.scratchAt(), slice.scratchAt() + step, 0);
            for (int i = 0; i < floats; i++) {
                float value = (float) Math.exp(slice.x(0)[slice.xAt(0) + i] / 4);
                slice.y()[slice.yAt() + i] = value;
                slice.scratch()[slice.scratchAt() + i % step] += value;
            }
            for (int i = 0; i < floats; i++) {
                slice.y()[slice.yAt() + i] /= slice.scratch()[slice.scratchAt() + i % step];
            }
        }

        @Override
        public void backward(Slice slice) {
            Arrays.fill(slice.scratch(), slice.scratchAt(), slice.scratchAt() + step, 0);
            for (int i = 0; i < floats; i++) {
                slice.scratch()[slice.scratchAt() + i % step] += slice.y()[slice.yAt() + i] * slice.dy()[slice.dyAt() + i];
            }
            float[] dx = slice.dx(0);
            for (int i = 0; i < floats; i++) {
                float gradient = slice.y()[slice.yAt() + i] * (slice.dy()[slice.dyAt() + i] - slice.scratch()[slice.scratchAt() + i % step])
                        / 4;
                dx[slice.dxAt(0) + i] = slice.adds(0) ? dx[slice.dxAt(0) + i] + gradient : gradient;
            }
        }

        @Override
        public boolean readsInputs() {
            return false;
        }

        @Override
        public boolean readsOutput() {
            return true;
        }

        @Override
        public int scratchFloats() {
            return step;
        }
    }
}

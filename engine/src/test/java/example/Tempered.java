package example;

import dev.fedtiny.engine.layer.ArrayOperator;
import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.Division;
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
    public Division division() {
        return wholeMap ? Division.WHOLE : Division.PIXELS;
    }

    @Override
    public ArrayOperator bind(View view) {
        int channel = view.output().pixels() * Layout.LANES;
        return new Loops(view.output().channels(), channel, wholeMap ? Layout.LANES : channel);
    }

    /** Values of a channel, so many floats apart from those of the next; value i of it goes to sum {@code i % sums}. */
    private record Loops(int channels, int channel, int sums) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            Arrays.fill(slice.scratch(), slice.scratchAt(), slice.scratchAt() + sums, 0);
            for (int c = 0; c < channels; c++) {
                int at = c * channel;
                for (int i = 0; i < slice.pixels() * Layout.LANES; i++) {
                    float value = (float) Math.exp(slice.x(0)[slice.xAt(0) + at + i] / 4);
                    slice.y()[slice.yAt() + at + i] = value;
                    slice.scratch()[slice.scratchAt() + i % sums] += value;
                }
            }
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < slice.pixels() * Layout.LANES; i++) {
                    slice.y()[slice.yAt() + c * channel + i] /= slice.scratch()[slice.scratchAt() + i % sums];
                }
            }
        }

        @Override
        public void backward(Slice slice) {
            Arrays.fill(slice.scratch(), slice.scratchAt(), slice.scratchAt() + sums, 0);
            for (int c = 0; c < channels; c++) {
                int at = c * channel;
                for (int i = 0; i < slice.pixels() * Layout.LANES; i++) {
                    slice.scratch()[slice.scratchAt() + i % sums] += slice.y()[slice.yAt() + at + i] * slice.dy()[slice.dyAt() + at + i];
                }
            }
            float[] dx = slice.dx(0);
            for (int c = 0; c < channels; c++) {
                int at = c * channel;
                for (int i = 0; i < slice.pixels() * Layout.LANES; i++) {
                    float sum = slice.scratch()[slice.scratchAt() + i % sums];
                    float gradient = slice.y()[slice.yAt() + at + i] * (slice.dy()[slice.dyAt() + at + i] - sum) / 4;
                    int to = slice.dxAt(0) + at + i;
                    dx[to] = slice.adds(0) ? dx[to] + gradient : gradient;
                }
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
            return sums;
        }
    }
}

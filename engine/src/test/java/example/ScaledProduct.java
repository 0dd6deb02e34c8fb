package example;

import dev.fedtiny.engine.layer.ArrayOperator;
import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.LayerKind;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Slice;
import dev.fedtiny.engine.layer.View;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/** An embedder's operator of two inputs with a parameter of its own: γ · a · b, γ one value a channel. */
public record ScaledProduct(String name, int left, int right, Shape output) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("scaled_product", 2, (attributes, sources, inputs) -> new ScaledProduct(
            attributes.text("name"), sources.get(0), sources.get(1), inputs.getFirst()));

    @Override
    public String kind() {
        return KIND.key();
    }

    @Override
    public List<Integer> sources() {
        return List.of(left, right);
    }

    @Override
    public List<Shape> inputs() {
        return List.of(output, output);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(new Parameter(name + ".weight", Parameter.Kind.GAMMA, List.of(output.channels()), false));
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY.with("name", name);
    }

    @Override
    public ScaledProduct withSources(List<Integer> sources) {
        return new ScaledProduct(name, sources.get(0), sources.get(1), output);
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(view.output().pixels() * Layout.LANES);
    }

    private record Loops(int channelFloats) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            for (int c = 0; c < slice.channels(); c++) {
                float gamma = slice.parameter(0)[slice.firstChannel() + c];
                for (int i = c * channelFloats; i < (c + 1) * channelFloats; i++) {
                    slice.y()[slice.yAt() + i] = gamma * slice.x(0)[slice.xAt(0) + i] * slice.x(1)[slice.xAt(1) + i];
                }
            }
        }

        @Override
        public void backward(Slice slice) {
            for (int c = 0; c < slice.channels(); c++) {
                float gamma = slice.parameter(0)[slice.firstChannel() + c];
                contribute(slice, 0, 1, gamma, c);
                contribute(slice, 1, 0, gamma, c);
                double sum = 0;
                for (int i = c * channelFloats; i < (c + 1) * channelFloats; i++) {
                    sum += (double) slice.dy()[slice.dyAt() + i] * slice.x(0)[slice.xAt(0) + i] * slice.x(1)[slice.xAt(1) + i];
                }
                if (slice.sums(0) != null) {
                    slice.sums(0)[slice.sumsAt(0) + slice.firstChannel() + c] = sum;
                }
            }
        }

        private void contribute(Slice slice, int input, int other, float gamma, int c) {
            if (!slice.wanted(input)) {
                return;
            }
            float[] dx = slice.dx(input);
            for (int i = c * channelFloats; i < (c + 1) * channelFloats; i++) {
                float gradient = gamma * slice.x(other)[slice.xAt(other) + i] * slice.dy()[slice.dyAt() + i];
                dx[slice.dxAt(input) + i] = slice.adds(input) ? dx[slice.dxAt(input) + i] + gradient : gradient;
            }
        }
    }
}

package example;

import dev.fedtiny.engine.layer.ArrayOperator;
import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.LayerKind;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Slice;
import dev.fedtiny.engine.layer.View;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/** An embedder's activation: x · |x|. */
public record SignedSquare(int source, Shape output) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("signed_square", 1, (attributes, sources, inputs) -> new SignedSquare(sources.getFirst(),
            inputs.getFirst()));

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
        return Attributes.EMPTY;
    }

    @Override
    public SignedSquare withSources(List<Integer> sources) {
        return new SignedSquare(sources.getFirst(), output);
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(view.output().pixels() * Layout.LANES);
    }

    private record Loops(int channelFloats) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            float[] x = slice.x(0);
            for (int i = 0; i < slice.channels() * channelFloats; i++) {
                float value = x[slice.xAt(0) + i];
                slice.y()[slice.yAt() + i] = value * Math.abs(value);
            }
        }

        @Override
        public void backward(Slice slice) {
            float[] dx = slice.dx(0);
            for (int i = 0; i < slice.channels() * channelFloats; i++) {
                float gradient = 2 * Math.abs(slice.x(0)[slice.xAt(0) + i]) * slice.dy()[slice.dyAt() + i];
                dx[slice.dxAt(0) + i] = slice.adds(0) ? dx[slice.dxAt(0) + i] + gradient : gradient;
            }
        }
    }
}

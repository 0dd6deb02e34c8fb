package dev.fedtiny.engine.reference;

import dev.fedtiny.engine.internal.kernel.Pointwise;
import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.AveragePool2d;
import dev.fedtiny.engine.layer.Concat;
import dev.fedtiny.engine.layer.Flatten;
import dev.fedtiny.engine.layer.GroupNorm;
import dev.fedtiny.engine.layer.LayerNorm;
import dev.fedtiny.engine.layer.Multiply;
import dev.fedtiny.engine.layer.Softmax;
import dev.fedtiny.engine.layer.Upsample;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.testing.ChannelReference;
import dev.fedtiny.engine.testing.PointwiseReference;
import dev.fedtiny.engine.testing.PoolWindowsReference;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Formulas of the operators that need nothing but one image at a time. */
final class OperatorReferences {
    private OperatorReferences() {
    }

    /** Makes them known. */
    static void addAll() {
        LayerReferences.add(Activation.class, new OperatorReference<>((layer, x, own) -> Arrays.stream(x[0]).map(function(layer)).toArray(),
                OperatorReferences::kinks));
        LayerReferences.add(AveragePool2d.class, new OperatorReference<>((layer, x, own) -> PoolWindowsReference.means(layer.geometry(),
                layer.countsPadding(), x[0])));
        LayerReferences.add(Softmax.class, new OperatorReference<>((layer, x, own) -> ChannelReference.softmax(x[0],
                layer.output().channels())));
        LayerReferences.add(LayerNorm.class, new OperatorReference<>((layer, x, own) -> ChannelReference.layerNorm(x[0], own[0], own[1],
                layer.epsilon())));
        LayerReferences.add(GroupNorm.class, new OperatorReference<>((layer, x, own) -> ChannelReference.groupNorm(x[0], layer.groups(),
                own[0], own[1], layer.epsilon())));
        LayerReferences.add(Concat.class, new OperatorReference<>((layer, x, own) -> Arrays.stream(x).flatMapToDouble(Arrays::stream)
                .toArray()));
        LayerReferences.add(Multiply.class, new OperatorReference<>((layer, x, own) -> multiply(layer, x[0], x[1])));
        LayerReferences.add(Upsample.class, new OperatorReference<>((layer, x, own) -> upsample(layer, x[0])));
        LayerReferences.add(Flatten.class, new OperatorReference<>((layer, x, own) -> x[0].clone()));
    }

    private static DoubleUnaryOperator function(Activation layer) {
        return PointwiseReference.of(Pointwise.valueOf(layer.function().name()), layer.a(), layer.b());
    }

    private static double kinks(Activation layer, double[][] x) {
        double[] kinks = switch (layer.function()) {
            case LEAKY_RELU -> new double[] {0};
            case HARD_SWISH -> new double[] {-3, 3};
            case HARD_SIGMOID -> new double[] {-layer.b() / layer.a(), (1 - layer.b()) / layer.a()};
            default -> new double[0];
        };
        return Arrays.stream(x[0]).flatMap(value -> Arrays.stream(kinks).map(kink -> Math.abs(value - kink))).filter(gap -> gap > 0).min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private static double[] multiply(Multiply layer, double[] x, double[] s) {
        Shape small = layer.factorShape();
        double[] y = x.clone();
        for (int i = 0; i < y.length; i++) {
            int channel = i / layer.output().pixels() % small.channels();
            int row = i / layer.output().width() % layer.output().height() % small.height();
            int column = i % layer.output().width() % small.width();
            y[i] *= s[(channel * small.height() + row) * small.width() + column];
        }
        return y;
    }

    private static double[] upsample(Upsample layer, double[] x) {
        Shape out = layer.output();
        double[] y = new double[out.size()];
        for (int i = 0; i < y.length; i++) {
            int channel = i / out.pixels();
            int row = i / out.width() % out.height() / layer.scale().height();
            y[i] = x[(channel * layer.input().height() + row) * layer.input().width() + i % out.width() / layer.scale().width()];
        }
        return y;
    }
}

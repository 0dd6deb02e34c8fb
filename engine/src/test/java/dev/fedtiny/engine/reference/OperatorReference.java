package dev.fedtiny.engine.reference;

import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.testing.FiniteDifferences;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * An operator that treats every image by itself, in double precision: its formula for one image, gradients by differences of it.
 *
 * @param formula the output
 * @param kinks the smallest distance of an image from a kink, exact hits left out
 * @param <L> the layers
 */
record OperatorReference<L extends OperatorLayer>(Formula<L> formula, Kinks<L> kinks) implements LayerReference<L> {
    /** y of one image. */
    interface Formula<L> {
        /** The output of the inputs, each C,H,W, and the layer's parameters. */
        double[] apply(L layer, double[][] x, double[][] parameters);
    }

    /** How far an image is from where the formula has no derivative. */
    interface Kinks<L> {
        /** The distance, infinity where there is no kink. */
        double distance(L layer, double[][] x);
    }

    OperatorReference(Formula<L> formula) {
        this(formula, (layer, x) -> Double.POSITIVE_INFINITY);
    }

    private static double[][] image(OperatorLayer layer, LayerPass pass, int n) {
        return IntStream.range(0, layer.inputs().size()).mapToObj(i -> {
            int size = layer.inputs().get(i).size();
            return Arrays.copyOfRange(pass.x(i), n * size, (n + 1) * size);
        }).toArray(double[][]::new);
    }

    private static double[][] parameters(OperatorLayer layer, LayerPass pass) {
        return IntStream.range(0, layer.parameters().size()).mapToObj(pass::parameter).toArray(double[][]::new);
    }

    @Override
    public double[] forward(L layer, LayerPass pass) {
        double[] y = new double[pass.images() * layer.output().size()];
        for (int n = 0; n < pass.images(); n++) {
            double[] image = formula.apply(layer, image(layer, pass, n), parameters(layer, pass));
            System.arraycopy(image, 0, y, n * image.length, image.length);
        }
        return y;
    }

    @Override
    public void backward(L layer, LayerPass pass, double[] dy) {
        double[][] inputs = new double[layer.inputs().size()][];
        double[][] own = parameters(layer, pass);
        double[][] gradients = Arrays.stream(own).map(values -> new double[values.length]).toArray(double[][]::new);
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = new double[pass.images() * layer.inputs().get(i).size()];
        }
        for (int n = 0; n < pass.images(); n++) {
            double[][] x = image(layer, pass, n);
            double[] upstream = Arrays.copyOfRange(dy, n * layer.output().size(), (n + 1) * layer.output().size());
            for (int i = 0; i < x.length; i++) {
                double[] dx = differences(x, i, v -> FiniteDifferences.dot(formula.apply(layer, v, own), upstream));
                System.arraycopy(dx, 0, inputs[i], n * dx.length, dx.length);
            }
            for (int i = 0; i < own.length; i++) {
                double[] sums = gradients[i];
                double[] part = differences(own, i, v -> FiniteDifferences.dot(formula.apply(layer, x, v), upstream));
                Arrays.setAll(sums, k -> sums[k] + part[k]);
            }
        }
        for (int i = 0; i < inputs.length; i++) {
            pass.flow(i, inputs[i]);
        }
        for (int i = 0; i < own.length; i++) {
            pass.gradient(i, gradients[i]);
        }
    }

    /** The gradient with respect to one of several arrays. */
    private static double[] differences(double[][] arrays, int varied, ToDoubleFunction<double[][]> function) {
        double[][] moved = arrays.clone();
        return FiniteDifferences.gradient(arrays[varied], v -> {
            moved[varied] = v;
            return function.applyAsDouble(moved);
        });
    }

    @Override
    public double margin(L layer, LayerPass pass) {
        double margin = Double.POSITIVE_INFINITY;
        double largest = Double.MIN_NORMAL;
        for (int n = 0; n < pass.images(); n++) {
            double[][] x = image(layer, pass, n);
            margin = Math.min(margin, kinks.distance(layer, x));
            largest = Math.max(largest, Arrays.stream(x).flatMapToDouble(Arrays::stream).map(Math::abs).max().orElse(0));
        }
        // Differences reach as far to both sides.
        return Math.max(0, margin - 2 * FiniteDifferences.STEP) / largest;
    }
}

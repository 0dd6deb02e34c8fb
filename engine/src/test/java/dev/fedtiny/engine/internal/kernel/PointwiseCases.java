package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.testing.FiniteDifferences;
import dev.fedtiny.engine.testing.PointwiseReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Calls of {@link PointwiseKernel}, each with its result in double; derivatives by differences. */
final class PointwiseCases {
    private static final int IN = 16;
    private static final int OUT = 8;
    private static final float A = 0.2f;
    private static final float B = 0.45f;
    /** Larger map and smaller one: equal, one value a channel, one a pixel, one a row, one in all. */
    private static final int[][] BROADCASTS = {{3, 4, 5, 3, 4, 5}, {3, 4, 5, 3, 1, 1}, {3, 4, 5, 1, 4, 5}, {3, 2, 7, 3, 2, 1},
        {2, 5, 3, 2, 1, 3}, {3, 4, 5, 1, 1, 1}, {1, 1, 1, 1, 1, 1}, {4, 1, 3, 4, 1, 1}};

    private PointwiseCases() {
    }

    /** Every function and every way of broadcasting. */
    static List<KernelCase<PointwiseKernel>> all() {
        List<KernelCase<PointwiseKernel>> cases = new ArrayList<>();
        for (Pointwise f : Pointwise.values()) {
            for (int count : new int[] {8, 24, 1024}) {
                cases.addAll(function(f, count));
            }
        }
        for (int[] extents : BROADCASTS) {
            cases.addAll(products(extents));
        }
        return cases;
    }

    /** Some of them. */
    static List<KernelCase<PointwiseKernel>> some() {
        List<KernelCase<PointwiseKernel>> cases = new ArrayList<>();
        for (Pointwise f : Pointwise.values()) {
            cases.addAll(function(f, 256));
        }
        cases.addAll(products(BROADCASTS[1]));
        cases.addAll(products(BROADCASTS[2]));
        return cases;
    }

    private static List<KernelCase<PointwiseKernel>> function(Pointwise f, int count) {
        float[] x = TestNumbers.floats(f + " x", IN + count);
        for (int i = 0; i < x.length; i++) {
            x[i] *= i % 3 == 0 ? 20 : 5;
        }
        float[] dy = TestNumbers.floats(f + " dy", IN + count);
        DoubleUnaryOperator reference = PointwiseReference.of(f, A, B);
        float[] v = x.clone();
        double[] y = new double[count];
        double[] dx = new double[count];
        for (int i = 0; i < count; i++) {
            double at = x[IN + i];
            y[i] = reference.applyAsDouble(at);
            // At 0 the leaky ReLU's own rule; nothing else here has a kink there, and no other kink is hit.
            double slope = f == Pointwise.LEAKY_RELU && at == 0 ? A
                    : FiniteDifferences.gradient(new double[] {at}, p -> reference.applyAsDouble(p[0]))[0];
            dx[i] = slope * dy[IN + i];
            v[IN + i] = f.ofOutput() ? (float) y[i] : x[IN + i];
        }
        List<KernelCase<PointwiseKernel>> cases = new ArrayList<>();
        cases.add(KernelCase.of(f + " " + count, OUT, y, false, 4e-6,
                (kernel, out) -> kernel.forward(f, A, B, x, IN, out, OUT, count)));
        for (boolean add : new boolean[] {false, true}) {
            cases.add(KernelCase.of(f + " backward " + count + " add=" + add, OUT, dx, add, 4e-6,
                    (kernel, out) -> kernel.backward(f, A, B, v, IN, dy, IN, out, OUT, count, add)));
        }
        return cases;
    }

    private static List<KernelCase<PointwiseKernel>> products(int[] e) {
        Broadcast map = Broadcast.of(e[0], e[1], e[2], e[3], e[4], e[5]);
        float[] x = TestNumbers.floats("product x", IN + e[0] * e[1] * e[2] * 8);
        float[] s = TestNumbers.floats("product s", IN + e[3] * e[4] * e[5] * 8);
        double[] y = new double[x.length - IN];
        double[] ds = new double[s.length - IN];
        for (int i = 0; i < y.length; i++) {
            int column = i / 8 % e[2];
            int row = i / 8 / e[2] % e[1];
            int channel = i / 8 / e[2] / e[1];
            int at = ((channel % e[3] * e[4] + row % e[4]) * e[5] + column % e[5]) * 8 + i % 8;
            y[i] = (double) x[IN + i] * s[IN + at];
            ds[at] += (double) x[IN + i] * x[IN + i];
        }
        String name = " " + List.of(e[0], e[1], e[2], e[3], e[4], e[5]);
        List<KernelCase<PointwiseKernel>> cases = new ArrayList<>();
        for (Broadcast strides : List.of(map, map.flattened())) {
            cases.add(KernelCase.of("multiply" + name, OUT, y, false, 1e-7,
                    (kernel, out) -> kernel.multiply(x, IN, s, IN, strides, out, OUT)));
            for (boolean add : new boolean[] {false, true}) {
                cases.add(KernelCase.of("multiplyBackward" + name + " add=" + add, OUT, y, add, 1e-6,
                        (kernel, out) -> kernel.multiplyBackward(x, IN, s, IN, strides, out, OUT, add)));
            }
            cases.add(KernelCase.of("multiplyReduce" + name, OUT, ds, true, 2e-5,
                    (kernel, out) -> kernel.multiplyReduce(x, IN, x, IN, strides, out, OUT)));
        }
        return cases;
    }
}

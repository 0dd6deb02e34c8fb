package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;

/**
 * A convolution by its definition, term by term in double: the formula of {@link Conv2dGeometry}, taps outside the image being 0.
 *
 * @param geometry shapes, stride, padding, dilation and groups
 */
public record Conv2dReference(Conv2dGeometry geometry) {
    /** Gets products of one weight along one output row: element i of {@code pixels} pairs x[x + i·stride], w[w] and y[y + i]. */
    private interface Row {
        void at(int x, int w, int y, int pixels);
    }

    /** Visits every product of the convolution once, taps outside the image left out. */
    private void forEachRow(int images, Row row) {
        Shape in = geometry.input();
        Shape out = geometry.output();
        for (int n = 0; n < images; n++) {
            for (int k = 0; k < out.channels(); k++) {
                for (int column = 0; column < geometry.columns(); column++) {
                    int c = k / geometry.groupOutputs() * geometry.groupInputs() + column / geometry.taps();
                    int r = column % geometry.taps() / geometry.kernelWidth();
                    int s = column % geometry.kernelWidth();
                    for (int p = 0; p < out.height(); p++) {
                        int h = geometry.vertical().pixel(p, r);
                        int firstQ = firstInside(s);
                        int pixels = endInside(s) - firstQ;
                        if (h >= 0 && h < in.height() && pixels > 0) {
                            int v = geometry.horizontal().pixel(firstQ, s);
                            row.at(((n * in.channels() + c) * in.height() + h) * in.width() + v, k * geometry.columns() + column,
                                    ((n * out.channels() + k) * out.height() + p) * out.width() + firstQ, pixels);
                        }
                    }
                }
            }
        }
    }

    /** The first output column whose tap s lies inside the image. */
    private int firstInside(int s) {
        return Math.max(0, Math.ceilDiv(-geometry.horizontal().pixel(0, s), geometry.stride().width()));
    }

    /** The output column after the last one whose tap s lies inside the image. */
    private int endInside(int s) {
        return Math.min(geometry.outputWidth(),
                Math.ceilDiv(geometry.input().width() - geometry.horizontal().pixel(0, s), geometry.stride().width()));
    }

    /** y of x, w and b; {@code bias} is null where there is none. */
    public double[] forward(int images, double[] x, double[] weight, double[] bias) {
        Shape out = geometry.output();
        double[] y = new double[images * out.size()];
        if (bias != null) {
            for (int i = 0; i < y.length; i++) {
                y[i] = bias[i / out.pixels() % out.channels()];
            }
        }
        forEachRow(images, (xi, wi, yi, pixels) -> {
            for (int i = 0; i < pixels; i++) {
                y[yi + i] += weight[wi] * x[xi + i * geometry.stride().width()];
            }
        });
        return y;
    }

    /** dL/dx of dL/dy. */
    public double[] inputGradient(int images, double[] weight, double[] dy) {
        double[] dx = new double[images * geometry.input().size()];
        forEachRow(images, (xi, wi, yi, pixels) -> {
            for (int i = 0; i < pixels; i++) {
                dx[xi + i * geometry.stride().width()] += weight[wi] * dy[yi + i];
            }
        });
        return dx;
    }

    /** dL/dw of dL/dy at every position, pruned or not. */
    public double[] weightGradient(int images, double[] x, double[] dy) {
        double[] dw = new double[geometry.weights()];
        forEachRow(images, (xi, wi, yi, pixels) -> {
            double sum = 0;
            for (int i = 0; i < pixels; i++) {
                sum += x[xi + i * geometry.stride().width()] * dy[yi + i];
            }
            dw[wi] += sum;
        });
        return dw;
    }

    /** dL/db of dL/dy. */
    public double[] biasGradient(double[] dy) {
        return Channels.of(geometry.output()).sums(dy);
    }
}

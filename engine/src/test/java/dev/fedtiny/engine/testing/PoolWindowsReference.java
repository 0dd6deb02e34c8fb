package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Which pixels are in a window of a pooling, and what a mean divides by: PyTorch's rules, position by position. */
public final class PoolWindowsReference {
    private PoolWindowsReference() {
    }

    /** Positions in N,C,H,W of the input that the window of an element of the output (N,C,P,Q) holds, in row-major order. */
    public static List<Integer> places(Pool2dGeometry geometry, int element) {
        Shape in = geometry.input();
        Shape out = geometry.output();
        int map = element / out.pixels();
        int top = element / out.width() % out.height() * geometry.stride().height() - geometry.padding().top();
        int left = element % out.width() * geometry.stride().width() - geometry.padding().left();
        List<Integer> places = new ArrayList<>();
        for (int r = top; r < top + geometry.kernel().height(); r++) {
            for (int s = left; s < left + geometry.kernel().width(); s++) {
                if (r >= 0 && r < in.height() && s >= 0 && s < in.width()) {
                    places.add((map * in.height() + r) * in.width() + s);
                }
            }
        }
        return places;
    }

    /** Means of all windows; where padding counts it does up to its own edge. */
    public static double[] means(Pool2dGeometry geometry, boolean countsPadding, double[] x) {
        Shape out = geometry.output();
        double[] y = new double[x.length / geometry.input().size() * out.size()];
        for (int i = 0; i < y.length; i++) {
            List<Integer> places = places(geometry, i);
            int divisor = places.size();
            if (countsPadding) {
                int top = i / out.width() % out.height() * geometry.stride().height() - geometry.padding().top();
                int left = i % out.width() * geometry.stride().width() - geometry.padding().left();
                divisor = Math.min(geometry.kernel().height(), geometry.input().height() + geometry.padding().bottom() - top)
                        * Math.min(geometry.kernel().width(), geometry.input().width() + geometry.padding().right() - left);
            }
            for (int place : places) {
                y[i] += x[place] / divisor;
            }
        }
        return y;
    }
}

package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.tensor.Layout;

/**
 * The windows of a pooling. A window reaches beyond the map where there is padding, or the output's size was rounded up; what lies there
 * takes no part.
 */
public record PoolWindows(Axis rows, Axis columns) {
    /**
     * Windows along one axis.
     *
     * @param input pixels of the map
     * @param output windows
     * @param kernel pixels of a window
     * @param stride pixels between windows
     * @param before padding in front, {@code after} behind
     */
    public record Axis(int input, int output, int kernel, int stride, int before, int after) {
        /** The first pixel of a window that lies on the map. */
        public int first(int window) {
            return Math.max(0, window * stride - before);
        }

        /** One past the last. */
        public int end(int window) {
            return Math.min(input, window * stride - before + kernel);
        }

        /** The first window that lies on the map wholly, or {@link #endWhole}. */
        public int firstWhole() {
            return Math.min(endWhole(), (before + stride - 1) / stride);
        }

        /** One past the last such window, or 0. */
        public int endWhole() {
            return Math.clamp((input + before - kernel + stride) / stride, 0, output);
        }

        /** How many pixels of a window lie on the map. */
        public int inside(int window) {
            return end(window) - first(window);
        }

        /** How many lie on the map or its padding. */
        public int padded(int window) {
            return Math.min(input + after, window * stride - before + kernel) - (window * stride - before);
        }
    }

    /** Floats of a channel of the input. */
    public int inputFloats() {
        return rows.input * columns.input * Layout.LANES;
    }

    /** Floats of a channel of the output. */
    public int outputFloats() {
        return rows.output * columns.output * Layout.LANES;
    }
}

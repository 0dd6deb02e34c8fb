package dev.fedtiny.engine.layer;

/**
 * How pixels of an operator's output depend on pixels of one of its inputs. Inference of few images cuts maps into tiles, a tile a lane
 * ({@link dev.fedtiny.engine.tensor.Layout}); this says which part of the input a tile of the output needs.
 */
public sealed interface Reads {
    /** Each pixel of the output reads the same pixel of the input. */
    Reads PIXELS = new Window(1, 1, 1, 1, 0, 0, 0);

    /** Each pixel of the output reads all of the input, all alike, as a broadcast value or a global mean does. */
    Reads ALL = new Map(true);

    /** The operator computes whole maps at once: its output is not cut into tiles. Always right, and slow for large maps of few images. */
    Reads WHOLE_MAP = new Map(false);

    /**
     * Pixel (p, q) of the output reads rows from {@code p·strideHeight − top} on and columns from {@code q·strideWidth − left} on.
     *
     * @param border what lies beyond the input's edge
     * @param kernelHeight rows of a window
     * @param kernelWidth columns of a window
     * @param strideHeight rows between two windows
     * @param strideWidth columns between two windows
     * @param top rows of padding above
     * @param left columns of padding to the left
     */
    record Window(int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int top, int left, float border)
            implements Reads {
        /**
         * Square windows of one stride, with as much padding on all sides.
         *
         * @param kernel rows and columns of a window
         * @param stride pixels between two windows
         * @param padding pixels on each side
         * @param border what lies beyond the input's edge: 0 for sums, −∞ for maxima
         * @return the window
         */
        public static Window square(int kernel, int stride, int padding, float border) {
            return new Window(kernel, kernel, stride, stride, padding, padding, border);
        }
    }

    /**
     * All pixels of the input are read.
     *
     * @param tiled whether the output may be computed a tile at a time
     */
    record Map(boolean tiled) implements Reads {
    }
}

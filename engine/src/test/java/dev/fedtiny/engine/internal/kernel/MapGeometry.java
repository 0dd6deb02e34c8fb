package dev.fedtiny.engine.internal.kernel;

/** Where the pixels of maps lie in an array: channels, rows and columns apart by strides of their own. */
record MapGeometry(int base, int channel, int pitch, int step, int channels, int rows, int columns) {
    /** How a map lies in memory. */
    enum Form {
        /** One pixel after the other. */
        CONTIGUOUS,
        /** A border of one pixel all around. */
        HALO,
        /** Every second pixel of every second row, as a phase of a strided convolution. */
        PHASE
    }

    static MapGeometry of(Form form, int channels, int rows, int columns) {
        return switch (form) {
            case CONTIGUOUS -> new MapGeometry(16, rows * columns * 8, columns * 8, 8, channels, rows, columns);
            case HALO -> {
                int pitch = (columns + 2) * 8;
                yield new MapGeometry(pitch + 8, (rows + 2) * pitch, pitch, 8, channels, rows, columns);
            }
            case PHASE -> {
                int pitch = 2 * columns * 16;
                yield new MapGeometry(8, rows * pitch + 24, pitch, 16, channels, rows, columns);
            }
        };
    }

    /** Floats an array needs to hold the maps and what surrounds them. */
    int length() {
        return base + channels * channel + 2 * pitch + 16;
    }

    /** Position of lane 0. */
    int at(int c, int row, int column) {
        return base + c * channel + row * pitch + column * step;
    }
}

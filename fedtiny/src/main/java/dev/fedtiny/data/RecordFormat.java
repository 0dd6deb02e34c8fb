package dev.fedtiny.data;

/** The two record forms of the CIFAR binary versions: label bytes, then 3,072 pixel bytes (red, green, blue planes of 32×32). */
enum RecordFormat {
    /** One label below 10. */
    CIFAR10(10),
    /** A coarse label below 20, then a fine label below 100. */
    CIFAR100(20, 100);

    static final int CHANNELS = 3;
    static final int SIDE = 32;
    static final int PIXEL_BYTES = CHANNELS * SIDE * SIDE;

    private final int[] classes;

    RecordFormat(int... classes) {
        this.classes = classes;
    }

    /** How many label bytes lead a record. */
    int labelBytes() {
        return classes.length;
    }

    /** The number of classes of label byte {@code position}. */
    int classes(int position) {
        return classes[position];
    }

    /** Bytes of one record. */
    int recordBytes() {
        return classes.length + PIXEL_BYTES;
    }
}

package dev.fedtiny.data;

import java.nio.file.Path;

/** Opens data sets. */
public final class Datasets {
    private Datasets() {
    }

    /**
     * Reads the data set in a directory, recognised by its files; CIFAR-100 with fine labels.
     *
     * @throws DataException if the directory holds no known data set, several, or damaged files
     */
    public static TrainTest open(Path directory) {
        return open(directory, Cifar100Labels.FINE);
    }

    /**
     * Reads the data set in a directory, recognised by its files.
     *
     * @param labels used if it is CIFAR-100
     * @throws DataException if the directory holds no known data set, several, or damaged files
     */
    public static TrainTest open(Path directory, Cifar100Labels labels) {
        return DataSource.find(directory, labels).read();
    }

    /** The embedded Fashion-MNIST subset, 5,000 training and 1,000 test images; a fresh copy at every call, about 6 MB. */
    public static TrainTest demo() {
        return new DataSource.Demo().read();
    }
}

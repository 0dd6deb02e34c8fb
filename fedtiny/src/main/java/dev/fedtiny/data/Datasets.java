package dev.fedtiny.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Opens data sets. */
public final class Datasets {
    /** What stands in the place of a folder for the images that are built in. */
    public static final String DEMO = "demo";
    private Datasets() {
    }

    /**
     * Reads the data set in a directory, recognised by its files; CIFAR-100 with fine labels.
     *
     * @param directory the files' own, or one with a single such folder in it
     * @return both parts, in memory
     * @throws DataException if the directory holds no known data set, several, or damaged files
     */
    public static TrainTest open(Path directory) {
        return open(directory, Cifar100Labels.FINE);
    }

    /**
     * Reads the data set in a directory, recognised by its files.
     *
     * @param labels used if it is CIFAR-100
     * @param directory the files' own, or one with a single such folder in it
     * @return both parts, in memory
     * @throws DataException if the directory holds no known data set, several, or damaged files
     */
    public static TrainTest open(Path directory, Cifar100Labels labels) {
        return open(directory, labels, Optional.empty());
    }

    /**
     * Reads the data set in a directory, recognised by its files, and takes its images for a kind, whatever the files look like.
     *
     * @param labels used if it is CIFAR-100
     * @param kind what the images are; empty: what the files say
     * @param directory the files' own, or one with a single such folder in it
     * @return both parts, in memory
     * @throws DataException if the directory holds no known data set, several, or damaged files, or its images cannot be of that kind
     */
    public static TrainTest open(Path directory, Cifar100Labels labels, Optional<DatasetKind> kind) {
        return DataSource.find(directory, labels).read(kind);
    }

    /**
     * The setting of the papers without its pixels: 50,000 training and 10,000 test images with the shape and the classes of CIFAR-10, all
     * black, labels 0 to 9 in turn. For counting what training would cost; about 1 MB, since all images share one array.
     *
     * @return both parts
     */
    public static TrainTest blankCifar10() {
        return new TrainTest(blank(PublishedSet.CIFAR10.trainImages()), blank(PublishedSet.CIFAR10.testImages()));
    }

    private static Dataset blank(int count) {
        byte[][] pixels = new byte[count][];
        Arrays.fill(pixels, new byte[RecordFormat.PIXEL_BYTES]);
        byte[] labels = new byte[count];
        int classes = ClassNames.CIFAR10.size();
        for (int i = 0; i < count; i++) {
            labels[i] = (byte) (i % classes);
        }
        return Dataset.ofOwned(new DatasetDescription(DatasetKind.CIFAR10, RecordFormat.CHANNELS, RecordFormat.SIDE, RecordFormat.SIDE,
                classes, ClassNames.CIFAR10, Normalization.CIFAR10), pixels, labels);
    }

    /**
     * The same taken for a kind; empty: for what it is.
     *
     * @param kind what the images are taken for
     * @return both parts
     */
    public static TrainTest demo(Optional<DatasetKind> kind) {
        return new DataSource.Demo().read(kind);
    }

    /** {@return the embedded Fashion-MNIST subset, 5,000 training and 1,000 test images; a fresh copy at every call, about 6 MB} */
    public static TrainTest demo() {
        return new DataSource.Demo().read();
    }
}

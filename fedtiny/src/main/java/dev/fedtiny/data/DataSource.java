package dev.fedtiny.data;

import java.nio.file.Path;
import java.util.List;

/** Where a data set comes from, with all its files named; {@link #find} tells by the files of a directory. */
public sealed interface DataSource {
    /**
     * Reads both parts into memory.
     *
     * @throws DataException if a file is missing, damaged, empty, too large, or contradicts another one
     */
    TrainTest read();

    /**
     * Recognises what a directory holds, by names of files and folders and, where two sets share them, by the size of the records.
     *
     * @param directory the one that holds the files themselves
     * @param labels used if it is CIFAR-100
     * @throws DataException if it is no directory, holds none of the known sets, only parts of one, or several
     */
    static DataSource find(Path directory, Cifar100Labels labels) {
        return new DirectoryScan(directory).find(labels);
    }

    /**
     * CIFAR-10 in the form of its binary version.
     *
     * @param train {@code data_batch_1.bin} and so on, in order, each plain or {@code .gz}
     * @param test {@code test_batch.bin}, plain or {@code .gz}
     */
    record Cifar10(List<Path> train, Path test) implements DataSource {
        /** Copies the list. */
        public Cifar10 {
            train = List.copyOf(train);
        }

        @Override
        public TrainTest read() {
            return new TrainTest(part(train), part(List.of(test)));
        }

        private static Dataset part(List<Path> files) {
            return CifarReader.read(files.stream().map(DataFile::of).toList(), RecordFormat.CIFAR10, 0, DatasetKind.CIFAR10,
                    Normalization.CIFAR10, ClassNames.CIFAR10);
        }
    }

    /**
     * CIFAR-100 in the form of its binary version; class names are taken from {@code fine_label_names.txt} or
     * {@code coarse_label_names.txt} beside the training file, if there.
     *
     * @param train {@code train.bin}, plain or {@code .gz}
     * @param test {@code test.bin}, plain or {@code .gz}
     * @param labels fine or coarse
     */
    record Cifar100(Path train, Path test, Cifar100Labels labels) implements DataSource {
        @Override
        public TrainTest read() {
            List<String> names = ClassNames.read(train.resolveSibling(labels.namesFile()), labels.classes());
            return new TrainTest(part(train, names), part(test, names));
        }

        private Dataset part(Path file, List<String> names) {
            return CifarReader.read(List.of(DataFile.of(file)), RecordFormat.CIFAR100, labels.position(), DatasetKind.CIFAR100,
                    Normalization.CIFAR100, names);
        }
    }

    /**
     * SVHN digits as CIFAR-10 records, label 0 for the digit zero.
     *
     * @param train {@code train.bin}, plain or {@code .gz}
     * @param test {@code test.bin}, plain or {@code .gz}
     */
    record Svhn(Path train, Path test) implements DataSource {
        @Override
        public TrainTest read() {
            return new TrainTest(part(train), part(test));
        }

        private static Dataset part(Path file) {
            return CifarReader.read(List.of(DataFile.of(file)), RecordFormat.CIFAR10, 0, DatasetKind.SVHN, Normalization.SVHN,
                    ClassNames.DIGITS);
        }
    }

    /**
     * SVHN digits as published, cropped to 32×32.
     *
     * @param train {@code train_32x32.mat}
     * @param test {@code test_32x32.mat}
     */
    record SvhnMat(Path train, Path test) implements DataSource {
        @Override
        public TrainTest read() {
            return new TrainTest(SvhnMatReader.read(DataFile.of(train)), SvhnMatReader.read(DataFile.of(test)));
        }
    }

    /**
     * CINIC-10 as published: {@code train} and {@code test} with a folder of PNG images for each class. Its third part, {@code valid}, is
     * left alone.
     *
     * @param directory the one that holds the parts
     */
    record Cinic10(Path directory) implements DataSource {
        @Override
        public TrainTest read() {
            return new TrainTest(CinicReader.read(directory.resolve(CinicReader.TRAIN)),
                    CinicReader.read(directory.resolve(CinicReader.TEST)));
        }
    }

    /**
     * IDX files of 28×28 grey images with ten classes, taken to be Fashion-MNIST and padded with zeros to 32×32. For other images of this
     * form see {@link Dataset#as}.
     *
     * @param trainImages {@code train-images-idx3-ubyte}, plain or {@code .gz}
     * @param trainLabels {@code train-labels-idx1-ubyte}, plain or {@code .gz}
     * @param testImages {@code t10k-images-idx3-ubyte}, plain or {@code .gz}
     * @param testLabels {@code t10k-labels-idx1-ubyte}, plain or {@code .gz}
     */
    record FashionMnist(Path trainImages, Path trainLabels, Path testImages, Path testLabels) implements DataSource {
        @Override
        public TrainTest read() {
            return new TrainTest(part(DataFile.of(trainImages), DataFile.of(trainLabels)),
                    part(DataFile.of(testImages), DataFile.of(testLabels)));
        }

        private static Dataset part(DataFile images, DataFile labels) {
            return IdxReader.read(images, labels, DatasetKind.FASHION_MNIST, Normalization.FASHION_MNIST, ClassNames.FASHION_MNIST);
        }
    }

    /** The embedded demo: 5,000 training and 1,000 test images of Fashion-MNIST, equally many of each class. */
    record Demo() implements DataSource {
        @Override
        public TrainTest read() {
            return new TrainTest(part("train"), part("t10k"));
        }

        private static Dataset part(String prefix) {
            return FashionMnist.part(DataFile.resource("demo/" + prefix + "-images-idx3-ubyte.gz"),
                    DataFile.resource("demo/" + prefix + "-labels-idx1-ubyte.gz"));
        }
    }
}

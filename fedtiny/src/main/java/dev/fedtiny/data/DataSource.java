package dev.fedtiny.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a data set comes from, with all its files named; {@link #find} tells by the files of a directory. */
public sealed interface DataSource {
    /**
     * Reads both parts into memory.
     *
     * @return both parts, pixels as bytes
     * @throws DataException if a file is missing, damaged, empty, too large, or contradicts another one
     */
    TrainTest read();

    /**
     * Reads both parts and takes the images for a kind, whatever the files look like.
     *
     * @param kind what they are; empty: what the files say
     * @return both parts
     * @throws DataException as {@link #read()}, or if images of this form cannot be of that kind
     */
    default TrainTest read(Optional<DatasetKind> kind) {
        TrainTest images = read();
        return kind.isEmpty() ? images : new TrainTest(images.train(), images.test(), List.of()).as(kind.get(), border());
    }

    /** Pixels at every side of an image that reading adds. */
    private int border() {
        return switch (this) {
            case FashionMnist _, Idx _, Demo _ -> IdxReader.BORDER;
            case Cifar10 _, Cifar100 _, Svhn _, SvhnMat _, Cinic10 _, TinyImageNet _ -> 0;
        };
    }

    /**
     * Recognises what a directory holds, by names of files and folders and, where two sets share them, by the size of the records. A
     * directory that holds none itself stands for the one folder in it that does.
     *
     * @param directory the one that holds the files themselves
     * @param labels used if it is CIFAR-100
     * @return the source, of which nothing but names and sizes has been read yet
     * @throws DataException if it is no directory, holds none of the known sets, only parts of one, or several
     */
    static DataSource find(Path directory, Cifar100Labels labels) {
        return DirectoryScan.of(directory).source(labels);
    }

    /**
     * The directory that holds the files of the set that {@link #find} recognises: the one given, or the only one below it.
     *
     * @param directory where to look
     * @return the directory of the files themselves
     * @throws DataException as {@link #find}
     */
    static Path folder(Path directory) {
        return DirectoryScan.of(directory).directory();
    }

    /**
     * CIFAR-10 in the form of its binary version. Where {@code batches.meta.txt} beside the first file names ten other classes, the images
     * are those, of no known kind.
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
            TrainTest images = new TrainTest(part(train), part(List.of(test)));
            Path meta = train.getFirst().resolveSibling("batches.meta.txt");
            Optional<List<String>> others = ClassNames.find(meta, ClassNames.CIFAR10.size())
                    .filter(names -> !names.equals(ClassNames.CIFAR10));
            if (others.isEmpty()) {
                return images;
            }
            Normalization measured = Normalization.measured(images.train(), 0);
            return new TrainTest(images.train().as(DatasetKind.CUSTOM, measured, others.get()),
                    images.test().as(DatasetKind.CUSTOM, measured, others.get())).noting(meta + " names other classes than CIFAR-10's: the "
                            + "images are neither cropped nor mirrored, and normalised by what was measured from the training images ("
                            + TrainTest.figures(measured) + ")");
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
     * @param train folder of the classes' folders
     * @param test the same of the test images
     */
    record Cinic10(Path train, Path test) implements DataSource {
        @Override
        public TrainTest read() {
            CinicReader reader = new CinicReader();
            TrainTest images = new TrainTest(reader.read(train), reader.read(test));
            for (String note : reader.notes()) {
                images = images.noting(note);
            }
            return images;
        }
    }

    /**
     * Tiny ImageNet as published; its validation images are the test part.
     *
     * @param train folder of the classes' folders
     * @param validation folder of {@code images} and {@code val_annotations.txt}
     */
    record TinyImageNet(Path train, Path validation) implements DataSource {
        @Override
        public TrainTest read() {
            return new TinyImageNetReader().read(train, validation);
        }
    }

    /**
     * IDX files of 28×28 grey images with ten classes, padded with zeros to 32×32. Which set they are their MD5 sums tell; where these are
     * no published ones the images are of no known kind: nothing is done to them, figures are measured, and classes have no names.
     *
     * @param trainImages {@code train-images-idx3-ubyte}, plain or packed
     * @param trainLabels {@code train-labels-idx1-ubyte}, plain or packed
     * @param testImages {@code t10k-images-idx3-ubyte}, plain or packed
     * @param testLabels {@code t10k-labels-idx1-ubyte}, plain or packed
     */
    record Idx(Path trainImages, Path trainLabels, Path testImages, Path testLabels) implements DataSource {
        @Override
        public TrainTest read() {
            TrainTest images = new FashionMnist(trainImages, trainLabels, testImages, testLabels).read();
            DatasetKind kind = PublishedIdx.kind(Stream.of(trainImages, trainLabels, testImages, testLabels)
                    .map(path -> DataFile.of(path).md5Sums()).toList()).orElse(DatasetKind.CUSTOM);
            TrainTest known = images.as(kind, IdxReader.BORDER);
            return kind != DatasetKind.CUSTOM ? known : known.noting("the files beside " + trainImages + " are not those of MNIST, "
                    + "Fashion-MNIST or KMNIST as they are published: the images are neither cropped nor mirrored, normalised by what was "
                    + "measured from the training images (" + TrainTest.figures(known.train().normalization()) + "), and classes have "
                    + "numbers; if they are of one of these sets, say so with dataset = mnist, fashion-mnist or kmnist, and with "
                    + "dataset = neutral that they are not");
        }
    }

    /**
     * IDX files of 28×28 grey images with ten classes that are Fashion-MNIST or a part of it, padded with zeros to 32×32; for other images
     * of this form see {@link Idx}.
     *
     * @param trainImages {@code train-images-idx3-ubyte}, plain or packed
     * @param trainLabels {@code train-labels-idx1-ubyte}, plain or packed
     * @param testImages {@code t10k-images-idx3-ubyte}, plain or packed
     * @param testLabels {@code t10k-labels-idx1-ubyte}, plain or packed
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

package dev.fedtiny.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The data sets as their authors publish them: which files, from where, of which size and checksum. Nothing here is ever fetched. */
public enum PublishedSet {
    /** CIFAR-10, binary version. */
    CIFAR10(DatasetKind.CIFAR10, 50_000, 10_000, "https://www.cs.toronto.edu/~kriz/cifar.html",
            "unpack the archive; DIR is the folder cifar-10-batches-bin that comes out",
            Stream.concat(Stream.of(PublishedFile.download("https://www.cs.toronto.edu/~kriz/", "cifar-10-binary.tar.gz", 170_052_171,
                    "c32a1d4ab5d03f1284b67883e8d87530")),
                    Stream.concat(IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin"), Stream.of("test_batch.bin"))
                            .map(name -> PublishedFile.unpacked(name, 10_000 * 3073L))).toList()),
    /** CIFAR-100, binary version. */
    CIFAR100(DatasetKind.CIFAR100, 50_000, 10_000, "https://www.cs.toronto.edu/~kriz/cifar.html",
            "unpack the archive; DIR is the folder cifar-100-binary that comes out; fine_label_names.txt and"
                    + " coarse_label_names.txt in it are optional",
            List.of(PublishedFile.download("https://www.cs.toronto.edu/~kriz/", "cifar-100-binary.tar.gz", 168_513_733,
                    "03b5dce01913d631647c71ecec9e9cb8"), PublishedFile.unpacked("train.bin", 50_000 * 3074L),
                    PublishedFile.unpacked("test.bin", 10_000 * 3074L))),
    /** SVHN, cropped digits (format 2), without the extra set. */
    SVHN(DatasetKind.SVHN, 73_257, 26_032, "http://ufldl.stanford.edu/housenumbers/",
            "DIR holds both files; train.bin and test.bin in the form of CIFAR-10 records are read too",
            List.of(PublishedFile.download("http://ufldl.stanford.edu/housenumbers/", "train_32x32.mat", 182_040_794,
                    "e26dedcc434d2e4c54c9b2d4a06d8373"),
                    PublishedFile.download("http://ufldl.stanford.edu/housenumbers/", "test_32x32.mat", 64_275_384,
                            "eb5a983be6a315427106f1b164d9cef3"))),
    /** CINIC-10; its part {@code valid} is not used. */
    CINIC10(DatasetKind.CINIC10, 90_000, 90_000, "https://datashare.ed.ac.uk/handle/10283/3192",
            "unpack the archive; DIR holds its folders train and test, each with a folder of PNG images for every class; valid is not used",
            List.of(PublishedFile.download("https://datashare.ed.ac.uk/bitstream/handle/10283/3192/", "CINIC-10.tar.gz", 687_544_992,
                    "6ee4d0c996905fe93221de577967a372"))),
    /** Tiny ImageNet; its validation images are the test part, since labels of its test images are not published. */
    TINY_IMAGENET(DatasetKind.TINY_IMAGENET, 100_000, 10_000, "http://cs231n.stanford.edu/",
            "unpack the archive; DIR is the folder tiny-imagenet-200 that comes out, with train, val and words.txt; test is not used",
            List.of(PublishedFile.download("http://cs231n.stanford.edu/", "tiny-imagenet-200.zip", 248_100_043,
                    "90528d7ca1a48142e341f4ef8d21d0de"))),
    /** Fashion-MNIST, IDX files. */
    FASHION_MNIST(DatasetKind.FASHION_MNIST, 60_000, 10_000, "https://github.com/zalandoresearch/fashion-mnist",
            "DIR holds the four files, packed or not; a part of the set in such files needs dataset = fashion-mnist",
            List.of(fashion("train-images-idx3-ubyte.gz", 26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                    fashion("train-labels-idx1-ubyte.gz", 29_515, "25c81989df183df01b3e8a0aad5dffbe"),
                    fashion("t10k-images-idx3-ubyte.gz", 4_422_102, "bef4ecab320f06d8554ea6380940ec79"),
                    fashion("t10k-labels-idx1-ubyte.gz", 5_148, "bb300cfdad3c16e7a12a480ee83cd310"))),
    /** MNIST, IDX files. */
    MNIST(DatasetKind.MNIST, 60_000, 10_000, "http://yann.lecun.com/exdb/mnist/",
            "DIR holds the four files, packed or not; a part of the set in such files needs dataset = mnist",
            List.of(mnist("train-images-idx3-ubyte.gz", 9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                    mnist("train-labels-idx1-ubyte.gz", 28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
                    mnist("t10k-images-idx3-ubyte.gz", 1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
                    mnist("t10k-labels-idx1-ubyte.gz", 4_542, "ec29112dd5afa0611ce80d1b7f02629c")));

    private final DatasetKind kind;
    private final int trainImages;
    private final int testImages;
    private final String page;
    private final String layout;
    private final List<PublishedFile> files;

    PublishedSet(DatasetKind kind, int trainImages, int testImages, String page, String layout, List<PublishedFile> files) {
        this.kind = kind;
        this.trainImages = trainImages;
        this.testImages = testImages;
        this.page = page;
        this.layout = layout;
        this.files = files;
    }

    private static PublishedFile fashion(String name, long bytes, String md5) {
        return PublishedFile.download("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", name, bytes, md5);
    }

    private static PublishedFile mnist(String name, long bytes, String md5) {
        return PublishedFile.download("https://ossci-datasets.s3.amazonaws.com/mnist/", name, bytes, md5);
    }

    /** The sizes that are published under a name, for a message; empty where there is none of that name. */
    static String sizes(String name) {
        return Arrays.stream(values()).flatMap(set -> set.files.stream().filter(file -> file.name().equals(name))
                .map(file -> file.bytes() + " (" + set.kind.title() + ")")).collect(Collectors.joining(", "));
    }

    /** {@return the name on the command line, for example {@code fashion-mnist}} */
    public String key() {
        return kind.key();
    }

    /** {@return which images these are} */
    public DatasetKind kind() {
        return kind;
    }

    /** {@return training images of the whole set} */
    public int trainImages() {
        return trainImages;
    }

    /** {@return test images of the whole set} */
    public int testImages() {
        return testImages;
    }

    /** {@return the authors' page} */
    public String page() {
        return page;
    }

    /** {@return what must lie where} */
    public String layout() {
        return layout;
    }

    /** {@return the files, downloads first} */
    public List<PublishedFile> files() {
        return files;
    }
}

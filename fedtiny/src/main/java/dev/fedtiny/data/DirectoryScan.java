package dev.fedtiny.data;

import dev.fedtiny.engine.io.IoProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Recognises the data set in a directory by the names of its files and folders; a plain file is preferred to its {@code .gz} twin. */
final class DirectoryScan {
    private static final Pattern TRAINING_BATCH = Pattern.compile("data_batch_(\\d{1,4})\\.bin(\\.gz)?");
    private static final String CIFAR10_TEST = "test_batch.bin";
    private static final List<String> PAIR = List.of("train.bin", "test.bin");
    private static final List<String> IDX = List.of("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte");
    private static final List<String> SVHN = List.of("train_32x32.mat", "test_32x32.mat");
    private static final String WANTED = "data_batch_1.bin ... and test_batch.bin (CIFAR-10); train.bin and test.bin (CIFAR-100, or SVHN as"
            + " CIFAR-10 records); " + String.join(", ", SVHN) + " (SVHN); " + String.join(", ", IDX)
            + " (Fashion-MNIST), each plain or .gz; or the folders train and test of CINIC-10, one folder of PNG images a class in each";

    private final Path directory;
    private final Set<String> names = new TreeSet<>();

    DirectoryScan(Path directory) {
        this.directory = directory;
        if (!Files.isDirectory(directory)) {
            throw new DataException(directory + ": " + (Files.exists(directory) ? "is not a directory" : "does not exist")
                    + ", expected a directory with " + WANTED);
        }
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(Files::isRegularFile).forEach(file -> names.add(file.getFileName().toString()));
        } catch (IOException e) {
            throw new DataException(directory + ": cannot be listed: " + IoProblem.explain(e), e);
        }
    }

    DataSource find(Cifar100Labels labels) {
        TreeMap<Integer, String> batches = trainingBatches();
        boolean cifar10 = !batches.isEmpty() || has(CIFAR10_TEST);
        boolean pair = PAIR.stream().anyMatch(this::has);
        boolean idx = IDX.stream().anyMatch(this::has);
        boolean svhn = SVHN.stream().anyMatch(this::has);
        boolean cinic = CinicReader.isPart(directory.resolve(CinicReader.TRAIN)) || CinicReader.isPart(directory.resolve(CinicReader.TEST));
        long found = Stream.of(cifar10, pair, idx, svhn, cinic).filter(is -> is).count();
        if (found == 0) {
            throw new DataException(directory + ": holds no known data set; looked for " + WANTED);
        }
        if (found > 1) {
            throw new DataException(directory + ": holds files of several data sets, expected only one of " + WANTED);
        }
        if (cifar10) {
            return cifar10(batches);
        }
        if (pair) {
            Path train = require(PAIR.get(0));
            Path test = require(PAIR.get(1));
            return switch (CifarReader.detectFormat(DataFile.of(train))) {
                case CIFAR10 -> new DataSource.Svhn(train, test);
                case CIFAR100 -> new DataSource.Cifar100(train, test, labels);
            };
        }
        if (svhn) {
            return new DataSource.SvhnMat(require(SVHN.get(0)), require(SVHN.get(1)));
        }
        if (cinic) {
            return new DataSource.Cinic10(directory);
        }
        return new DataSource.FashionMnist(require(IDX.get(0)), require(IDX.get(1)), require(IDX.get(2)), require(IDX.get(3)));
    }

    private DataSource cifar10(TreeMap<Integer, String> batches) {
        List<Path> train = new ArrayList<>();
        int last = batches.isEmpty() ? 1 : batches.lastKey();
        for (int number = 1; number <= last; number++) {
            // A gap is an error: a set that silently lacks a fifth of its images would still train.
            train.add(require(batches.getOrDefault(number, "data_batch_" + number + ".bin")));
        }
        return new DataSource.Cifar10(train, require(CIFAR10_TEST));
    }

    private TreeMap<Integer, String> trainingBatches() {
        TreeMap<Integer, String> batches = new TreeMap<>();
        for (String name : names) {
            Matcher matcher = TRAINING_BATCH.matcher(name);
            if (matcher.matches()) {
                batches.put(Integer.parseInt(matcher.group(1)), matcher.group(2) == null ? name : name.substring(0, name.length() - 3));
            }
        }
        return batches;
    }

    private boolean has(String name) {
        return names.contains(name) || names.contains(name + ".gz");
    }

    private Path require(String name) {
        if (names.contains(name)) {
            return directory.resolve(name);
        }
        if (names.contains(name + ".gz")) {
            return directory.resolve(name + ".gz");
        }
        throw new DataException(directory + ": has neither " + name + " nor " + name + ".gz, but other files of that data set; found "
                + String.join(", ", names.stream().limit(20).toList()));
    }
}

package dev.fedtiny.data;

import dev.fedtiny.engine.io.FileSignature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Recognises the data set in a directory by the names of its files and folders, in either case; a plain file is preferred to its
 * {@code .gz} twin. A directory that holds none stands for the only one below it that does.
 */
final class DirectoryScan {
    private static final Pattern TRAINING_BATCH = Pattern.compile("data_batch_(\\d{1,4})\\.bin(\\.gz)?", Pattern.CASE_INSENSITIVE);
    private static final String CIFAR10_TEST = "test_batch.bin";
    private static final List<String> PAIR = List.of("train.bin", "test.bin");
    private static final List<String> IDX = List.of("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte");
    private static final List<String> SVHN = List.of("train_32x32.mat", "test_32x32.mat");
    private static final String PACKED = ".gz";
    private static final int MOST_DEPTH = 3;
    private static final int MOST_FOLDERS = 200;
    static final String WANTED = "data_batch_1.bin ... and test_batch.bin (CIFAR-10); train.bin and test.bin (CIFAR-100, or SVHN as"
            + " CIFAR-10 records); " + String.join(", ", SVHN) + " (SVHN); " + String.join(", ", IDX)
            + " (MNIST, Fashion-MNIST and their like), each plain or .gz; or the folders train and test of CINIC-10, one folder of PNG"
            + " images a class in each; or the folders train and val of Tiny ImageNet";

    private final Path directory;
    private final Listing listing;

    private DirectoryScan(Path directory) {
        this.directory = directory;
        this.listing = Listing.of(directory);
    }

    /** The scan of a directory, or of the only one below it that holds a data set. */
    static DirectoryScan of(Path directory) {
        if (!Files.isDirectory(directory)) {
            String what = !Files.exists(directory) ? Files.isSymbolicLink(directory) ? "is a link to what does not exist" : "does not exist"
                    : "is not a directory" + FileSignature.describe(directory).map(signature -> " (" + signature + ")").orElse("");
            throw new DataException(directory + ": " + what + ", expected a directory with " + WANTED);
        }
        DirectoryScan scan = new DirectoryScan(directory);
        if (scan.sets().isPresent()) {
            return scan;
        }
        List<DirectoryScan> inside = new ArrayList<>();
        scan.below(1, inside);
        if (inside.size() > 1) {
            throw new DataException(directory + ": holds no data set itself, but several in folders: " + inside.stream().limit(10)
                    .map(one -> one.directory.toString()).collect(Collectors.joining(", ")) + "; give one of them");
        }
        if (inside.isEmpty()) {
            throw new DataException(Strangers.in(scan.listing).orElse(directory + ": holds no known data set; looked for " + WANTED));
        }
        return inside.getFirst();
    }

    private void below(int depth, List<DirectoryScan> found) {
        for (Path folder : listing.folders().stream().limit(MOST_FOLDERS).toList()) {
            DirectoryScan scan = new DirectoryScan(folder);
            if (scan.sets().isPresent()) {
                found.add(scan);
            } else if (depth < MOST_DEPTH) {
                scan.below(depth + 1, found);
            }
        }
    }

    /** The sets that a directory can hold. */
    private enum Set {
        CIFAR10, PAIR, IDX, SVHN, CINIC, TINY_IMAGENET
    }

    /** Those of which something is here. */
    private Optional<List<Set>> sets() {
        List<Set> sets = new ArrayList<>();
        if (!trainingBatches().isEmpty() || find(CIFAR10_TEST).isPresent()) {
            sets.add(Set.CIFAR10);
        }
        if (PAIR.stream().anyMatch(name -> find(name).isPresent())) {
            sets.add(Set.PAIR);
        }
        if (IDX.stream().anyMatch(name -> find(name).isPresent())) {
            sets.add(Set.IDX);
        }
        if (SVHN.stream().anyMatch(name -> find(name).isPresent())) {
            sets.add(Set.SVHN);
        }
        if (Stream.of(CinicReader.TRAIN, CinicReader.TEST).anyMatch(part -> listing.folder(part).filter(CinicReader::isPart).isPresent())) {
            sets.add(Set.CINIC);
        }
        if (listing.folder(TinyImageNetReader.TRAIN).filter(TinyImageNetReader::isPart).isPresent()) {
            sets.add(Set.TINY_IMAGENET);
        }
        return sets.isEmpty() ? Optional.empty() : Optional.of(sets);
    }

    /** The directory that holds the files. */
    Path directory() {
        return directory;
    }

    DataSource source(Cifar100Labels labels) {
        List<Set> sets = sets().orElseThrow();
        if (sets.size() > 1) {
            throw new DataException(directory + ": holds files of several data sets, expected only one of " + WANTED);
        }
        return switch (sets.getFirst()) {
            case CIFAR10 -> cifar10(trainingBatches());
            case PAIR -> {
                Path train = require(PAIR.get(0));
                Path test = require(PAIR.get(1));
                yield switch (CifarReader.detectFormat(DataFile.of(train))) {
                    case CIFAR10 -> new DataSource.Svhn(train, test);
                    case CIFAR100 -> new DataSource.Cifar100(train, test, labels);
                };
            }
            case SVHN -> new DataSource.SvhnMat(require(SVHN.get(0)), require(SVHN.get(1)));
            case CINIC -> new DataSource.Cinic10(part(CinicReader.TRAIN), part(CinicReader.TEST));
            case TINY_IMAGENET -> new DataSource.TinyImageNet(part(TinyImageNetReader.TRAIN), part(TinyImageNetReader.VALIDATION));
            case IDX -> new DataSource.Idx(require(IDX.get(0)), require(IDX.get(1)), require(IDX.get(2)), require(IDX.get(3)));
        };
    }

    private Path part(String name) {
        return listing.folder(name).orElse(directory.resolve(name));
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
        for (Path file : listing.files()) {
            String name = Listing.name(file);
            Matcher matcher = TRAINING_BATCH.matcher(name);
            if (matcher.matches()) {
                batches.put(Integer.parseInt(matcher.group(1)), matcher.group(2) == null ? name : name.substring(0, name.length() - 3));
            }
        }
        return batches;
    }

    /** A file, plain or packed; IDX files may have a dot in place of the second hyphen. */
    private Optional<Path> find(String name) {
        for (String spelling : List.of(name, name.replace("-idx", ".idx"))) {
            for (String suffix : List.of("", PACKED)) {
                Optional<Path> file = listing.file(spelling + suffix);
                if (file.isPresent()) {
                    return file;
                }
            }
        }
        return Optional.empty();
    }

    private Path require(String name) {
        return find(name).orElseThrow(() -> new DataException(directory + ": " + Stream.of(name, name + PACKED)
                .flatMap(one -> listing.broken(one).stream()).findFirst()
                .map(link -> Listing.name(link) + " is a link to what does not exist")
                .orElse("has neither " + name + " nor " + name + PACKED + ", but other files of that data set; found "
                        + listing.files().stream().limit(20).map(Listing::name).collect(Collectors.joining(", ")))));
    }
}

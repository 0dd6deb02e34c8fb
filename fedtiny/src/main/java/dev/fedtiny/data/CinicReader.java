package dev.fedtiny.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Reads parts of CINIC-10 as it is published: a folder of PNG images for each class, classes and files in alphabetical order. Keeps account
 * of what lies between them and is not read. Not thread-safe.
 */
final class CinicReader {
    static final String TRAIN = "train";
    static final String TEST = "test";
    private static final String PNG = ".png";

    private final List<String> notes = new ArrayList<>();

    /** Whether a folder holds a part: at least one folder with the name of a class, in any case. */
    static boolean isPart(Path part) {
        Listing listing = Listing.of(part);
        return ClassNames.CIFAR10.stream().anyMatch(name -> listing.folder(name).isPresent());
    }

    /** What was left out so far, one sentence a part. */
    List<String> notes() {
        return List.copyOf(notes);
    }

    Dataset read(Path part) {
        ImageCollector collector = new ImageCollector();
        PngReader reader = new PngReader();
        List<Path> leftOut = new ArrayList<>();
        Listing classes = Files.isDirectory(part) ? Listing.of(part) : new Listing(part, List.of(), List.of(), List.of());
        for (int label = 0; label < ClassNames.CIFAR10.size(); label++) {
            String name = ClassNames.CIFAR10.get(label);
            Path folder = classes.folder(name).orElseThrow(() -> new DataException(part.resolve(name) + ": there is no such folder, "
                    + "expected one of PNG images for each of the classes " + String.join(", ", ClassNames.CIFAR10)));
            Listing listing = Listing.of(folder);
            List<Path> files = listing.files().stream().filter(CinicReader::isPng).toList();
            List<Path> others = new ArrayList<>(listing.files().stream().filter(file -> !isPng(file)).toList());
            others.addAll(listing.folders());
            others.addAll(listing.broken());
            if (files.isEmpty()) {
                throw new DataException(folder + ": holds no PNG image, expected at least one" + (others.isEmpty() ? "; it is empty"
                        : "; it holds " + kinds(others) + ", for example " + Listing.name(others.getFirst())));
            }
            for (Path file : files) {
                byte[] pixels = collector.allocate(part.toString(), 3 * PngReader.SIDE * PngReader.SIDE);
                reader.read(DataFile.of(file), pixels);
                collector.add(pixels, label);
            }
            leftOut.addAll(others);
        }
        classes.folders().stream().filter(folder -> ClassNames.CIFAR10.stream().noneMatch(Listing.name(folder)::equalsIgnoreCase))
                .forEach(leftOut::add);
        if (!leftOut.isEmpty()) {
            notes.add(part + ": left out " + kinds(leftOut) + ", for example " + part.relativize(leftOut.getFirst())
                    + "; only PNG images that lie directly in the folder of a class are read");
        }
        return Dataset.ofOwned(new DatasetDescription(DatasetKind.CINIC10, 3, PngReader.SIDE, PngReader.SIDE, ClassNames.CIFAR10.size(),
                ClassNames.CIFAR10, Normalization.CINIC10), collector.images(), collector.labels());
    }

    private static boolean isPng(Path file) {
        return Listing.name(file).toLowerCase(Locale.ROOT).endsWith(PNG);
    }

    /** How many there are of which kind, for example {@code 3 files .jpg, 1 folder}. */
    private static String kinds(List<Path> paths) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Path path : paths) {
            String name = Listing.name(path);
            String kind = Files.isDirectory(path) ? "folder" : !Files.exists(path) ? "broken link"
                    : name.contains(".") ? name.substring(name.lastIndexOf('.')).toLowerCase(Locale.ROOT) + " file"
                    : "file without a suffix";
            counts.merge(kind, 1, Integer::sum);
        }
        return counts.entrySet().stream().map(entry -> entry.getValue() + " " + entry.getKey() + (entry.getValue() > 1 ? "s" : ""))
                .collect(Collectors.joining(", "));
    }
}

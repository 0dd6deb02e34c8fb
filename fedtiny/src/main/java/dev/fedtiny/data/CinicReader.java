package dev.fedtiny.data;

import dev.fedtiny.engine.io.IoProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Reads a part of CINIC-10 as it is published: a folder of PNG images for each class, classes and files in alphabetical order. */
final class CinicReader {
    static final String TRAIN = "train";
    static final String VALID = "valid";
    static final String TEST = "test";

    private CinicReader() {
    }

    /** Whether a folder holds a part: at least one folder with the name of a class. */
    static boolean isPart(Path part) {
        return ClassNames.CIFAR10.stream().anyMatch(name -> Files.isDirectory(part.resolve(name)));
    }

    static Dataset read(Path part) {
        ImageCollector collector = new ImageCollector();
        PngReader reader = new PngReader();
        for (int label = 0; label < ClassNames.CIFAR10.size(); label++) {
            Path folder = part.resolve(ClassNames.CIFAR10.get(label));
            if (!Files.isDirectory(folder)) {
                throw new DataException(folder + ": there is no such folder, expected one of PNG images for each of the classes "
                        + String.join(", ", ClassNames.CIFAR10));
            }
            List<Path> files = images(folder);
            if (files.isEmpty()) {
                throw new DataException(folder + ": holds no PNG image, expected at least one");
            }
            for (Path file : files) {
                byte[] pixels = collector.allocate(part.toString(), 3 * PngReader.SIDE * PngReader.SIDE);
                reader.read(DataFile.of(file), pixels);
                collector.add(pixels, label);
            }
        }
        return Dataset.ofOwned(DatasetKind.CINIC10, 3, PngReader.SIDE, PngReader.SIDE, ClassNames.CIFAR10.size(), ClassNames.CIFAR10,
                Normalization.CINIC10, collector.images(), collector.labels());
    }

    private static List<Path> images(Path folder) {
        // One more than may be, so that a folder without end is refused and not listed.
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".png")).limit(ImageCollector.MAXIMUM_IMAGES + 1L)
                    .sorted(Comparator.comparing(file -> file.getFileName().toString())).toList();
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be listed: " + IoProblem.explain(e), e);
        }
    }
}

package dev.fedtiny.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads Tiny ImageNet as it is published: {@code train/WNID/images/*.JPEG} for each class, and {@code val/images/*.JPEG} with
 * {@code val/val_annotations.txt}, which names the class of each file. The validation images are the test part, since labels of the
 * folder {@code test} were never published. Classes are the folders of {@code train} in the order of their names; {@code words.txt}, if it
 * is there, gives their words. An image takes 12,288 bytes. Not thread-safe.
 */
final class TinyImageNetReader {
    static final String TRAIN = "train";
    static final String VALIDATION = "val";
    static final int SIDE = 64;
    private static final String IMAGES = "images";
    private static final String ANNOTATIONS = "val_annotations.txt";
    private static final String WORDS = "words.txt";
    private static final int IMAGE_BYTES = 3 * SIDE * SIDE;
    private static final int MOST_TEXT_BYTES = 16 << 20;
    private static final Pattern WNID = Pattern.compile("n\\d{8}");

    private final JpegReader reader = new JpegReader(SIDE);
    private final List<Path> leftOut = new ArrayList<>();

    /** Whether a folder is a training part: at least one folder in it is called after a class. */
    static boolean isPart(Path train) {
        return Listing.of(train).folders().stream().anyMatch(folder -> WNID.matcher(Listing.name(folder)).matches());
    }

    TrainTest read(Path train, Path validation) {
        if (!Files.isDirectory(train)) {
            throw new DataException(train + ": there is no such folder, expected one with a folder for each class, called n and 8 digits");
        }
        List<Path> classes = Listing.of(train).folders().stream().filter(folder -> WNID.matcher(Listing.name(folder)).matches()).toList();
        if (classes.size() < 2 || classes.size() > Dataset.MAXIMUM_CLASSES) {
            throw new DataException(train + ": has folders of " + classes.size() + " classes (n and 8 digits), expected 2 to "
                    + Dataset.MAXIMUM_CLASSES + "; Tiny ImageNet has 200");
        }
        Map<String, Integer> labels = new TreeMap<>();
        classes.forEach(folder -> labels.put(Listing.name(folder), labels.size()));
        List<List<Path>> files = classes.stream().map(this::ofClass).toList();
        Map<String, String> annotations = annotations(validation);
        List<Path> validationFiles = jpegs(images(validation), validation);
        checkRoom(train, files.stream().mapToLong(List::size).sum() + validationFiles.size());
        List<String> names = names(train.resolveSibling(WORDS), List.copyOf(labels.keySet()));
        ImageCollector training = new ImageCollector();
        for (int label = 0; label < files.size(); label++) {
            for (Path file : files.get(label)) {
                add(training, train, file, label);
            }
        }
        ImageCollector test = new ImageCollector();
        for (Path file : validationFiles) {
            add(test, validation, file, label(file, annotations, labels, validation));
        }
        if (test.count() != annotations.size()) {
            String missing = annotations.keySet().stream().filter(name -> !Files.exists(images(validation).resolve(name))).findFirst()
                    .orElse("");
            throw new DataException(validation.resolve(ANNOTATIONS) + ": names " + annotations.size() + " files, in " + images(validation)
                    + " are " + test.count() + "; missing is for example '" + missing + "'; unpack the archive again");
        }
        TrainTest read = new TrainTest(dataset(training, names), dataset(test, names));
        return leftOut.isEmpty() ? read : read.noting(train.getParent() + ": left out " + leftOut.size()
                + " files and folders that are no JPEG images, for example " + leftOut.getFirst());
    }

    private static Dataset dataset(ImageCollector images, List<String> names) {
        return Dataset.ofOwned(new DatasetDescription(DatasetKind.TINY_IMAGENET, 3, SIDE, SIDE, names.size(), names,
                Normalization.TINY_IMAGENET), images.images(), images.labels());
    }

    private void add(ImageCollector images, Path part, Path file, int label) {
        byte[] pixels = images.allocate(part.toString(), IMAGE_BYTES);
        reader.read(DataFile.of(file), pixels);
        images.add(pixels, label);
    }

    private List<Path> ofClass(Path folder) {
        Path images = images(folder);
        List<Path> files = jpegs(images, folder);
        if (files.isEmpty()) {
            throw new DataException(images + ": holds no JPEG image, expected at least one of class " + Listing.name(folder)
                    + "; unpack the archive again");
        }
        return files;
    }

    private static Path images(Path folder) {
        return folder.resolve(IMAGES);
    }

    private List<Path> jpegs(Path folder, Path of) {
        if (!Files.isDirectory(folder)) {
            throw new DataException(folder + ": there is no such folder, expected the images of " + Listing.name(of)
                    + "; give the folder tiny-imagenet-200 as its archive unpacks");
        }
        Listing listing = Listing.of(folder);
        leftOut.addAll(listing.folders());
        leftOut.addAll(listing.broken());
        listing.files().stream().filter(file -> !isJpeg(file)).forEach(leftOut::add);
        return listing.files().stream().filter(TinyImageNetReader::isJpeg).toList();
    }

    private static boolean isJpeg(Path file) {
        String name = Listing.name(file).toLowerCase(Locale.ROOT);
        return name.endsWith(".jpeg") || name.endsWith(".jpg");
    }

    /** Before the first image is read: that all of them fit. */
    private static void checkRoom(Path train, long images) {
        long needed = images * IMAGE_BYTES;
        long most = Runtime.getRuntime().maxMemory();
        if (needed > most / 10 * 9) {
            throw new DataException(String.format(Locale.ROOT, "%s: %d images of 64×64 pixels take %.1f GiB, the heap may hold %.1f GiB; "
                    + "give Java a larger heap (FEDTINY_JAVA_OPTS=-Xmx%dg), or a folder with fewer images", train, images,
                    needed / (double) (1 << 30), most / (double) (1 << 30), 2 + needed / (1 << 30)));
        }
    }

    /** The class of every validation file. */
    private static Map<String, String> annotations(Path validation) {
        Path file = validation.resolve(ANNOTATIONS);
        Map<String, String> classes = new HashMap<>();
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String[] words = lines.get(i).split("\t", -1);
            if (words.length < 2 || !WNID.matcher(words[1]).matches()) {
                throw new DataException(file + ", line " + (i + 1) + ": expected a file's name, a tab and its class (n and 8 digits)");
            }
            if (classes.put(words[0], words[1]) != null) {
                throw new DataException(file + ", line " + (i + 1) + ": names '" + words[0] + "' a second time");
            }
        }
        if (classes.isEmpty()) {
            throw new DataException(file + ": names no file, expected one a line");
        }
        return classes;
    }

    private static List<String> lines(Path file) {
        byte[] text = DataFile.of(file).read(in -> in.readNBytes(MOST_TEXT_BYTES + 1));
        if (text.length > MOST_TEXT_BYTES) {
            throw new DataException(file + ": has more than " + MOST_TEXT_BYTES + " bytes, expected a list");
        }
        return ClassNames.lines(new String(text, StandardCharsets.UTF_8)).filter(line -> !line.isBlank()).toList();
    }

    private static int label(Path file, Map<String, String> annotations, Map<String, Integer> labels, Path validation) {
        String wnid = annotations.get(Listing.name(file));
        if (wnid == null) {
            throw new DataException(file + ": " + validation.resolve(ANNOTATIONS) + " does not name it; unpack the archive again");
        }
        Integer label = labels.get(wnid);
        if (label == null) {
            throw new DataException(file + ": is of class " + wnid + ", of which there are no training images; unpack the archive again");
        }
        return label;
    }

    /** The first of a class's words, or its number where the list has none. */
    private static List<String> names(Path words, List<String> wnids) {
        if (!Files.isRegularFile(words)) {
            return wnids;
        }
        Map<String, String> known = lines(words).stream().map(line -> line.split("\t", 2)).filter(pair -> pair.length == 2)
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1].split(",", 2)[0].strip(), (first, _) -> first));
        return wnids.stream().map(wnid -> Optional.ofNullable(known.get(wnid)).filter(word -> !word.isEmpty()).orElse(wnid)).toList();
    }
}

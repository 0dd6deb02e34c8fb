package dev.fedtiny.data;

import dev.fedtiny.engine.io.IoProblem;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What lies in a folder, by name, without what systems and file managers leave there: hidden files, {@code Thumbs.db} and their like. Names
 * are found whatever their case; links are followed.
 *
 * @param folder that was listed
 * @param files regular files, in the order of their names
 * @param folders in it
 * @param broken links to what is not there
 */
record Listing(Path folder, List<Path> files, List<Path> folders, List<Path> broken) {
    private static final int MOST_ENTRIES = 4 * ImageCollector.MAXIMUM_IMAGES;
    private static final Set<String> LEFT_BY_SYSTEMS = Set.of("thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir",
            "$recycle.bin", "system volume information", "icon\r");

    /**
     * Lists a folder.
     *
     * @throws DataException if it cannot be listed, or has no end
     */
    static Listing of(Path folder) {
        Map<String, Path> files = new TreeMap<>();
        Map<String, Path> folders = new TreeMap<>();
        Map<String, Path> broken = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = name(entry);
                if (name.startsWith(".") || LEFT_BY_SYSTEMS.contains(name.toLowerCase(Locale.ROOT))) {
                    continue;
                }
                if (files.size() + folders.size() >= MOST_ENTRIES) {
                    throw new DataException(folder + ": holds more than " + MOST_ENTRIES + " files and folders, too many for a data set");
                }
                (Files.isDirectory(entry) ? folders : Files.exists(entry) ? files : broken).put(name, entry);
            }
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be listed: " + IoProblem.explain(e), e);
        } catch (DirectoryIteratorException e) {
            throw new DataException(folder + ": cannot be listed: " + IoProblem.explain(e.getCause()), e);
        }
        return new Listing(folder, List.copyOf(files.values()), List.copyOf(folders.values()), List.copyOf(broken.values()));
    }

    static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    /** The file of a name; where there is none of just that name, one that differs in its case. */
    Optional<Path> file(String name) {
        return find(files, name);
    }

    /** The folder of a name, likewise. */
    Optional<Path> folder(String name) {
        return find(folders, name);
    }

    /** The broken link of a name, likewise. */
    Optional<Path> broken(String name) {
        return find(broken, name);
    }

    private static Optional<Path> find(List<Path> paths, String name) {
        return paths.stream().filter(path -> name(path).equalsIgnoreCase(name))
                .min(Comparator.comparing((Path path) -> !name(path).equals(name)).thenComparing(Listing::name));
    }
}

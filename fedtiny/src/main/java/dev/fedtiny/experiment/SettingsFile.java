package dev.fedtiny.experiment;

import dev.fedtiny.data.DataException;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A file of {@code key = value} lines (a properties file: {@code #} starts a comment, {@code \\} at a line's end continues it). The key
 * {@code include} names another file, relative to this one, whose entries hold where this one says nothing else.
 */
final class SettingsFile {
    private static final String INCLUDE = "include";

    private SettingsFile() {
    }

    /**
     * The entries of a file, in its order, after those it includes.
     *
     * @throws DataException if a file does not exist
     * @throws IllegalArgumentException if a key is given twice, or a file includes itself
     */
    static Map<String, String> read(Path file) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        read(file, new ArrayList<>(), entries);
        return entries;
    }

    private static void read(Path file, List<Path> open, Map<String, String> entries) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new DataException("experiment file '" + file + "' does not exist" + (open.isEmpty() ? "" : "; it is included by "
                    + open.getLast()));
        }
        Path real = file.toRealPath();
        if (open.contains(real)) {
            throw new IllegalArgumentException("experiment file '" + file + "' includes itself");
        }
        open.add(real);
        Map<String, String> own = parse(Files.readString(file), file);
        String included = own.remove(INCLUDE);
        if (included != null) {
            read(file.resolveSibling(included), open, entries);
        }
        entries.putAll(own);
        open.removeLast();
    }

    private static Map<String, String> parse(String text, Path file) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        // Properties keep neither order nor what is given twice; they only do the reading here.
        Properties properties = new Properties() {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Object put(Object key, Object value) {
                if (entries.put((String) key, ((String) value).strip()) != null) {
                    throw new IllegalArgumentException("the setting '" + key + "' is given twice in " + file);
                }
                return null;
            }
        };
        try (Reader reader = new StringReader(text)) {
            properties.load(reader);
        }
        return entries;
    }
}

package dev.fedtiny.experiment;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.experiment.SettingsText.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A file of {@code key = value} lines in UTF-8, as {@link SettingsText} reads them. The key {@code include} names another file, relative to
 * this one, whose entries hold where this one says nothing else. The name {@code -} stands for standard input; what is no regular file (a
 * pipe, {@code /dev/stdin}) is read as well, and includes files relative to the working directory.
 */
final class SettingsFile {
    private static final String INCLUDE = "include";
    private static final String STANDARD_INPUT = "-";
    /** Longer texts are something else. */
    private static final int MOST_BYTES = 1 << 20;
    /** More levels are a mistake, and would end in a full stack. */
    private static final int MOST_DEEP = 32;

    private SettingsFile() {
    }

    /**
     * The entries of a file, in its order, after those it includes.
     *
     * @throws DataException if a file does not exist
     * @throws IllegalArgumentException if it is a folder or no text in UTF-8, if a line is not understood or a key is given twice (naming
     * file
     *         and line), or if a file includes itself
     */
    static Map<String, Entry> read(Path file) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        read(file, "", new ArrayList<>(), entries);
        return entries;
    }

    private static void read(Path file, String by, List<Path> open, Map<String, Entry> entries) throws IOException {
        boolean input = file.toString().equals(STANDARD_INPUT);
        if (!input) {
            check(file, by);
        }
        boolean regular = !input && Files.isRegularFile(file);
        Path real = regular ? file.toRealPath() : file.toAbsolutePath();
        if (open.contains(real)) {
            throw new IllegalArgumentException("settings file '" + file + "' includes itself" + by);
        }
        if (open.size() == MOST_DEEP) {
            throw new IllegalArgumentException("settings file '" + file + "' is the " + (MOST_DEEP + 1) + "th of a chain of files that "
                    + "include each other, expected at most " + MOST_DEEP + by);
        }
        open.add(real);
        String name = input ? "standard input" : file.toString();
        Map<String, Entry> own = parsed(name, bytes(name, file, input));
        Entry included = own.remove(INCLUDE);
        if (included != null) {
            read(regular ? file.resolveSibling(included.value()) : Path.of(included.value()), ", which " + included.where() + " includes",
                    open, entries);
        }
        entries.putAll(own);
        open.removeLast();
    }

    private static void check(Path file, String by) {
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException("'" + file + "'" + by + " is a folder, expected a file of lines 'key = value'"
                    + (Files.exists(file.resolve(RunDirectory.MANIFEST)) ? "; it holds a run, which goes on with: "
                            + Program.command("run", "--resume", file.toString()) : ""));
        }
        if (!Files.exists(file)) {
            throw new DataException("settings file '" + file + "'" + by + " does not exist");
        }
    }

    private static byte[] bytes(String name, Path file, boolean input) throws IOException {
        byte[] bytes;
        if (input) {
            // Not this reader's to close.
            bytes = System.in.readNBytes(MOST_BYTES + 1);
        } else {
            try (InputStream stream = Files.newInputStream(file)) {
                bytes = stream.readNBytes(MOST_BYTES + 1);
            } catch (IOException e) {
                throw IoProblem.named(file, e);
            }
        }
        if (bytes.length > MOST_BYTES) {
            throw new IllegalArgumentException(name + " is longer than " + MOST_BYTES + " bytes, too long for settings"
                    + FileSignature.describe(bytes).map(what -> ": " + what).orElse("; expected lines 'key = value'"));
        }
        return bytes;
    }

    private static Map<String, Entry> parsed(String name, byte[] bytes) {
        try {
            return SettingsText.parse(name, decoded(name, bytes));
        } catch (IllegalArgumentException e) {
            throw FileSignature.describe(bytes).map(what -> new IllegalArgumentException(name + " holds no settings: " + what,
                    e)).orElse(e);
        }
    }

    private static String decoded(String name, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] >= 0 && bytes[i] < ' ' && "\t\n\r\f".indexOf(bytes[i]) < 0) {
                throw new IllegalArgumentException(String.format(Locale.ROOT, "%s:%d: the control character 0x%02x, so this is no text; "
                        + "expected lines 'key = value'", name, line(bytes, i), bytes[i]));
            }
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CoderResult result = decoder.decode(in, out, true);
        if (result.isError()) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "%s:%d: the byte 0x%02x is not UTF-8 (the text may be Latin-1); "
                    + "save the file as UTF-8", name, line(bytes, in.position()), bytes[in.position()]));
        }
        return out.flip().toString();
    }

    private static int line(byte[] bytes, int position) {
        int line = 1;
        for (int i = 0; i < position; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r' && (i + 1 == bytes.length || bytes[i + 1] != '\n')) {
                line++;
            }
        }
        return line;
    }
}

package dev.fedtiny.benchmarks.heap;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.AppendedFile;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.io.ProcessLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measured cells of a table, one JSON object a line, in the order they were done, so that a table that took hours and was interrupted goes
 * on where it stopped. While it is open no other process writes to it. A last line that a crash cut off is dropped.
 */
public final class CellFile implements AutoCloseable {
    private static final String KEY = "key";
    /** How every line starts: what a crash cut off can be told from somebody else's text without an end of line. */
    private static final byte[] START = "{\"key\":\"".getBytes(StandardCharsets.UTF_8);
    private static final int MOST_BYTES = 1 << 28;

    private final Path file;
    private final FileChannel channel;
    private final ProcessLock lock;
    private final Map<String, List<JsonObject>> cells = new LinkedHashMap<>();

    private CellFile(Path file, FileChannel channel, ProcessLock lock) {
        this.file = file;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Opens a file, or begins one.
     *
     * @throws DataException if it holds something else, which then stays as it is, or another process has it open
     * @throws FileWriteException if it is a link, a folder or a device, or cannot be opened
     */
    public static CellFile open(Path file) throws IOException {
        FileChannel channel = AppendedFile.open(file);
        CellFile cells;
        try {
            cells = new CellFile(file, channel, ProcessLock.take(file.toAbsolutePath().getParent(), file.getFileName().toString())
                    .orElseThrow(() -> new DataException("'" + file + "' is being written by another process")));
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
        try {
            cells.read();
            return cells;
        } catch (IOException e) {
            cells.close();
            throw IoProblem.named(file, e);
        } catch (RuntimeException | Error e) {
            cells.close();
            throw e;
        }
    }

    private void read() throws IOException {
        if (channel.size() > MOST_BYTES) {
            throw new DataException("'" + file + "' has " + channel.size() + " bytes, at most " + MOST_BYTES
                    + " are read; give a new file, or one that this command has written");
        }
        byte[] bytes = new byte[(int) channel.size()];
        ByteBuffer into = ByteBuffer.wrap(bytes);
        while (into.hasRemaining() && channel.read(into, into.position()) >= 0) {
            continue;
        }
        int from = 0;
        for (int end = 0; end < bytes.length; end++) {
            if (bytes[end] == '\n') {
                line(Arrays.copyOfRange(bytes, from, end));
                from = end + 1;
            }
        }
        byte[] rest = Arrays.copyOfRange(bytes, from, bytes.length);
        if (Arrays.mismatch(rest, 0, Math.min(rest.length, START.length), START, 0, Math.min(rest.length, START.length)) >= 0) {
            throw foreign(rest);
        }
        channel.truncate(from);
        channel.position(from);
    }

    private void line(byte[] line) {
        try {
            if (JsonReader.parse(line, JsonLimits.DEFAULT) instanceof JsonObject cell
                    && cell.find(KEY).orElse(null) instanceof JsonValue.JsonString key) {
                cells.computeIfAbsent(key.value(), _ -> new ArrayList<>()).add(cell);
                return;
            }
        } catch (JsonException e) {
            // Reported below, with the line.
        }
        throw foreign(line);
    }

    private DataException foreign(byte[] line) {
        String text = new String(line, 0, Math.min(40, line.length), StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
        String what = FileSignature.describe(file, FileSignature.JSON)
                .orElse("it holds a line that is no cell of a table (" + text + "...)");
        return new DataException("'" + file + "': " + what + "; give a new file, or one that this command has written");
    }

    /** What was noted last for a key. */
    public Optional<JsonObject> find(String key) {
        return cells.containsKey(key) ? Optional.of(cells.get(key).getLast()) : Optional.empty();
    }

    /** Everything noted for a key, in order. */
    public List<JsonObject> all(String key) {
        return List.copyOf(cells.getOrDefault(key, List.of()));
    }

    /** Notes a cell: it is in the file when this returns. */
    public void add(String key, JsonObject cell) throws IOException {
        JsonObject.Builder keyed = JsonObject.builder().put(KEY, key);
        cell.members().forEach(keyed::put);
        JsonObject line = keyed.build();
        ByteBuffer bytes = ByteBuffer.wrap((JsonWriter.compact(line) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
        cells.computeIfAbsent(key, _ -> new ArrayList<>()).add(line);
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            channel.close();
        }
    }
}

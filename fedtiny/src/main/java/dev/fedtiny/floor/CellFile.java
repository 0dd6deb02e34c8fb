package dev.fedtiny.floor;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.experiment.ExclusiveFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
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

    private final FileChannel channel;
    private final Map<String, List<JsonObject>> cells = new LinkedHashMap<>();

    private CellFile(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Opens a file, or begins one.
     *
     * @throws DataException if it holds something else, or another process has it open
     */
    public static CellFile open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!ExclusiveFile.lock(channel)) {
                throw new DataException("'" + file + "' is being written by another process");
            }
            CellFile cells = new CellFile(channel);
            cells.read(file);
            return cells;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void read(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        for (String line : whole.lines().toList()) {
            try {
                if (JsonReader.parse(line) instanceof JsonObject cell && cell.find(KEY).orElse(null) instanceof JsonValue.JsonString key) {
                    cells.computeIfAbsent(key.value(), _ -> new ArrayList<>()).add(cell);
                    continue;
                }
            } catch (JsonException e) {
                // Reported below, with the line.
            }
            throw new DataException("'" + file + "' holds a line that is no cell of a table ("
                    + line.substring(0, Math.min(40, line.length())) + "...); give a new file, or one that this command has written");
        }
        channel.truncate(whole.getBytes(StandardCharsets.UTF_8).length);
        channel.position(channel.size());
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
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        cells.computeIfAbsent(key, _ -> new ArrayList<>()).add(line);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

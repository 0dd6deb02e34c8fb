package dev.fedtiny.network.server;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.federation.RoundLog;
import dev.fedtiny.protocol.MessageKind;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who was heard in every exchange, in {@code reporters.jsonl}: on the disk before what they said is used. What a server of this virtual
 * machine has closed itself it does not answer with; that is for the next one. Thread-safe.
 */
final class ReportersLog implements RoundLog, Closeable {
    private final JsonLines lines;
    private final Map<Key, List<Integer>> earlier = new HashMap<>();

    private ReportersLog(JsonLines lines) {
        this.lines = lines;
    }

    static ReportersLog open(Path file) throws IOException {
        JsonLines.Opened opened = JsonLines.open(file, JsonLines.Durability.SYNCED);
        ReportersLog log = new ReportersLog(opened.lines());
        for (JsonObject line : opened.before()) {
            List<Integer> reporters = new ArrayList<>();
            for (JsonValue reporter : line.array("reporters")) {
                reporters.add((int) ((JsonValue.JsonNumber) reporter).toDouble());
            }
            log.earlier.put(new Key(MessageKind.valueOf(line.string("kind")), (int) line.integer("round"), (int) line.integer("attempt")),
                    List.copyOf(reporters));
        }
        return log;
    }

    @Override
    public synchronized Optional<List<Integer>> reporters(Key key) {
        return Optional.ofNullable(earlier.get(key));
    }

    /**
     * Writes them down.
     *
     * @throws UncheckedIOException if that is not possible; then nothing of the exchange may be used
     */
    @Override
    public void closed(Key key, List<Integer> reporters) {
        List<JsonValue> numbers = new ArrayList<>();
        reporters.forEach(reporter -> numbers.add(JsonValue.of(reporter)));
        try {
            lines.append(JsonObject.builder().put("kind", key.kind().name()).put("round", key.round()).put("attempt", key.attempt())
                    .put("reporters", new JsonValue.JsonArray(numbers)).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}

package dev.fedtiny.experiment.metrics;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue.JsonString;
import dev.fedtiny.engine.internal.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A {@code metrics.jsonl}: cut off after the rounds that count and in the form this release writes, for a run that goes on with it; and the
 * curve in it, of a run that is not done as well.
 */
public final class MetricsFile {
    /** What is larger is cut off and otherwise left as it is. */
    private static final long MOST_BYTES = 1 << 30;
    /** Behind lines that are lost no later round is believed: each takes a place in memory. */
    private static final int MOST_ROUNDS = 1_000_000;

    private MetricsFile() {
    }

    /**
     * Leaves the lines up to a checkpoint, and stands behind them. Lines of an earlier release's form are written anew.
     *
     * @param rounds done at the checkpoint
     * @param bytes that the checkpoint counts on
     * @return how long the file is now; not {@code bytes} where lines were written anew
     * @throws DataException if the form is of a later release
     */
    public static long cutOff(FileChannel file, int rounds, long bytes) throws IOException {
        if (bytes == 0 || file.size() > MOST_BYTES) {
            file.truncate(bytes);
        } else {
            byte[] kept = kept(read(file), rounds, bytes);
            byte[] current = current(kept);
            if (!Arrays.equals(kept, current)) {
                ByteBuffer lines = ByteBuffer.wrap(current);
                while (lines.hasRemaining()) {
                    file.write(lines, lines.position());
                }
                file.force(false);
            }
            file.truncate(current.length);
        }
        file.position(file.size());
        return file.size();
    }

    /**
     * The accuracy after every finished round, as far as the run has come. A line that is damaged or cut off counts as none.
     *
     * @param file a {@code metrics.jsonl}
     * @return shares in [0, 1] by round; NaN where a round was not evaluated or is lost
     * @throws DataException if the form is of a later release, or a round stands there twice or out of its order
     * @throws IOException if it cannot be read
     */
    public static List<Double> accuracies(Path file) throws IOException {
        List<Double> accuracies = new ArrayList<>();
        MetricsFormat format = null;
        for (byte[] line : lines(Files.readAllBytes(file))) {
            Optional<JsonObject> written = object(line);
            if (written.isEmpty()) {
                continue;
            }
            format = format == null ? MetricsFormat.of(written.get()) : format;
            JsonObject entry = format.current(written.get());
            if (entry.find("event").filter(new JsonString("round")::equals).isEmpty()) {
                continue;
            }
            long round = entry.integer("round");
            if (round != accuracies.size() + 1 && (round <= accuracies.size() || round > MOST_ROUNDS)) {
                throw new DataException("'" + file + "' is damaged: round " + round + " follows round " + accuracies.size()
                        + ", rounds stand in their order, each once");
            }
            while (accuracies.size() + 1 < round) {
                accuracies.add(Double.NaN);
            }
            accuracies.add(entry.find("accuracy").isPresent() ? entry.number("accuracy") : Double.NaN);
        }
        return accuracies;
    }

    /**
     * Why the run went back in a round.
     *
     * @param file a {@code metrics.jsonl} of this release's form
     * @param round from 1 on
     * @return one sentence without its full stop; empty where the round was kept or its line is lost
     * @throws IOException if it cannot be read
     */
    public static Optional<String> wentBack(Path file, int round) throws IOException {
        return lines(Files.readAllBytes(file)).stream().map(MetricsFile::object).flatMap(Optional::stream)
                .filter(entry -> entry.find("event").filter(new JsonString("round")::equals).isPresent()
                        && entry.integer("round") == round && entry.find("wentBack").isPresent())
                .map(entry -> entry.object("wentBack").string("reason")).findFirst();
    }

    private static byte[] read(FileChannel file) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(file.size()));
        while (all.hasRemaining() && file.read(all, all.position()) >= 0) {
            continue;
        }
        return Arrays.copyOf(all.array(), all.position());
    }

    /**
     * The first bytes; where they end inside a line, since a process ended between writing lines anew and its next checkpoint, the lines of
     * the rounds.
     */
    private static byte[] kept(byte[] all, int rounds, long bytes) {
        if (bytes <= all.length && all[(int) bytes - 1] == '\n') {
            return Arrays.copyOf(all, (int) bytes);
        }
        int end = 0;
        int done = 0;
        for (byte[] line : lines(all)) {
            if (done == rounds && end > 0) {
                break;
            }
            end += line.length;
            done += object(line).flatMap(entry -> entry.find("event")).filter(new JsonString("round")::equals).isPresent() ? 1 : 0;
        }
        return Arrays.copyOf(all, end);
    }

    /** Complete lines, each with its end. */
    private static List<byte[]> lines(byte[] text) {
        List<byte[]> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n') {
                lines.add(Arrays.copyOfRange(text, from, i + 1));
                from = i + 1;
            }
        }
        return lines;
    }

    private static byte[] current(byte[] kept) {
        List<byte[]> lines = lines(kept);
        Optional<MetricsFormat> format = lines.isEmpty() ? Optional.empty() : object(lines.getFirst()).map(MetricsFormat::of);
        if (format.isEmpty() || format.get() == MetricsFormat.CURRENT) {
            return kept;
        }
        ByteArrayOutputStream current = new ByteArrayOutputStream();
        lines.forEach(line -> current.writeBytes(object(line).map(format.get()::current)
                .map(entry -> (JsonWriter.compact(entry) + "\n").getBytes(StandardCharsets.UTF_8)).orElse(line)));
        return current.toByteArray();
    }

    /** A line's object; empty where the line is damaged: nothing but reports depend on it. */
    private static Optional<JsonObject> object(byte[] line) {
        try {
            return JsonReader.parse(new String(line, StandardCharsets.UTF_8)) instanceof JsonObject object ? Optional.of(object)
                    : Optional.empty();
        } catch (JsonException e) {
            return Optional.empty();
        }
    }
}

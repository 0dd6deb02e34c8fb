package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.experiment.SyntheticRuns;
import dev.fedtiny.experiment.SyntheticRuns.End;
import dev.fedtiny.experiment.metrics.RoundFigure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables and event files hold what the metrics hold, as readers that know nothing of their writers see it. */
class ExportTest {
    private static final int ROUNDS = 6;
    private static final int DEVICES = 5;

    @TempDir
    private Path folder;

    private RunReport report;
    private RunRecord first;

    @BeforeEach
    void runs() throws IOException {
        SyntheticRuns runs = new SyntheticRuns(folder.resolve("runs"), ROUNDS, DEVICES);
        List<Path> directories = new ArrayList<>();
        for (int seed = 1; seed <= 3; seed++) {
            directories.add(runs.write("fedtiny", seed, 0.6, End.DONE));
            directories.add(runs.write("snip", seed, 0.5, End.DONE));
        }
        report = RunReport.read(directories, List.of());
        first = RunReader.read(directories.getFirst());
    }

    /** A reader of its own: cells by column, quotes taken off. */
    private static List<Map<String, String>> csv(Path file) throws IOException {
        List<List<String>> rows = new ArrayList<>(List.of(new ArrayList<>(List.of(""))));
        boolean quoted = false;
        for (char c : Files.readString(file).toCharArray()) {
            List<String> row = rows.getLast();
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                row.add("");
            } else if (c == '\n' && !quoted) {
                rows.add(new ArrayList<>(List.of("")));
            } else {
                row.set(row.size() - 1, row.getLast() + c);
            }
        }
        rows.removeLast();
        List<Map<String, String>> table = new ArrayList<>();
        for (List<String> row : rows.subList(1, rows.size())) {
            assertEquals(rows.getFirst().size(), row.size(), file + ": " + row);
            Map<String, String> cells = new LinkedHashMap<>();
            for (int i = 0; i < row.size(); i++) {
                cells.put(rows.getFirst().get(i), row.get(i));
            }
            table.add(cells);
        }
        return table;
    }

    /** The mean of three rounds is not one of five, whatever the others are. */
    @Test
    void aShorterRunSaysOfHowManyRoundsItsAccuracyIs() throws IOException {
        Path shorter = new SyntheticRuns(folder.resolve("shorter"), ROUNDS, DEVICES).write("prunefl", 1, 0.5, End.UNFINISHED);
        Path tables = folder.resolve("tables");
        RunReport.read(List.of(first.directory(), shorter), List.of()).csv(tables);
        assertEquals(List.of("5", "3"), csv(tables.resolve("runs.csv")).stream().map(row -> row.get("accuracy_rounds")).toList());
    }

    @Test
    void tablesAreTidyAndHoldTheMetrics() throws IOException {
        Path tables = folder.resolve("tables");
        report.csv(tables);
        List<Map<String, String>> rounds = csv(tables.resolve("rounds.csv"));
        assertEquals(6 * (ROUNDS + 1), rounds.size());
        double[] accuracies = first.accuracies();
        for (int round = 0; round <= ROUNDS; round++) {
            assertEquals("" + round, rounds.get(round).get("round"));
            assertEquals(accuracies[round], Double.parseDouble(rounds.get(round).get("accuracy")));
        }
        assertEquals("", rounds.getFirst().get("train_loss"), "what is not there is empty");
        List<Map<String, String>> runs = csv(tables.resolve("runs.csv"));
        assertEquals(6, runs.size());
        assertEquals(first.accuracy(first.window()), Double.parseDouble(runs.getFirst().get("accuracy")));
        assertEquals(List.of("fedtiny", "1", "done", "5"), List.of("method", "seed", "state", "accuracy_rounds").stream()
                .map(runs.getFirst()::get).toList());
        List<Map<String, String>> differences = csv(tables.resolve("differences.csv"));
        assertEquals(2, differences.size(), "either way round");
        assertEquals("3", differences.getFirst().get("pairs"));
        List<Map<String, String>> classes = csv(tables.resolve("classes.csv"));
        assertEquals(6 * (ROUNDS + 1) * 10, classes.size());
        assertEquals("T-shirt/top", classes.getFirst().get("name"));
        List<Map<String, String>> devices = csv(tables.resolve("devices.csv"));
        assertTrue(devices.size() > 6 * ROUNDS * DEVICES * 0.8 && devices.size() <= 6 * ROUNDS * DEVICES);
        assertEquals(6 * 10 * 11, csv(tables.resolve("confusion.csv")).size());
        assertEquals(6 * DEVICES * 10, csv(tables.resolve("split.csv")).size());
        assertTrue(csv(tables.resolve("layers.csv")).stream().allMatch(row -> Integer.parseInt(row.get("active"))
                <= Integer.parseInt(row.get("size"))));
        csv(tables.resolve("failures.csv")).forEach(row -> assertEquals("OFFLINE", row.get("cause")));
    }

    /** CRC-32C bit by bit, as its polynomial says. */
    private static int crc32c(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
            }
        }
        return ~crc;
    }

    private static int masked(byte[] bytes) {
        int crc = crc32c(bytes);
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }

    private static List<byte[]> records(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> records = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(length);
            assertEquals(masked(length), in.getInt(), "checksum of a length");
            byte[] data = new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
            in.get(data);
            assertEquals(masked(data), in.getInt(), "checksum of a record");
            records.add(data);
        }
        return records;
    }

    /** Fields of a message by number: numbers and doubles as longs, floats as ints, bytes as arrays. */
    private static Map<Integer, List<Object>> message(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        Map<Integer, List<Object>> fields = new TreeMap<>();
        while (in.hasRemaining()) {
            long tag = varint(in);
            Object value = switch ((int) (tag & 7)) {
                case 0 -> varint(in);
                case 1 -> in.getLong();
                case 2 -> {
                    byte[] inner = new byte[(int) varint(in)];
                    in.get(inner);
                    yield inner;
                }
                case 5 -> in.getInt();
                default -> throw new AssertionError("wire type " + (tag & 7));
            };
            fields.computeIfAbsent((int) (tag >> 3), _ -> new ArrayList<>()).add(value);
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0;; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    @Test
    void eventsAreReadBackByAnIndependentReader() throws IOException {
        Path events = folder.resolve("events");
        report.tensorBoard(events);
        Path run = events.resolve("fedtiny_seed-1");
        List<Path> files;
        try (Stream<Path> inside = Files.list(run)) {
            files = inside.toList();
        }
        assertEquals(1, files.size());
        assertTrue(files.getFirst().getFileName().toString().matches("events\\.out\\.tfevents\\.\\d+\\.fedtiny"), files.toString());
        List<byte[]> records = records(files.getFirst());
        assertEquals(1 + ROUNDS + 1, records.size());
        Map<Integer, List<Object>> head = message(records.getFirst());
        assertEquals("brain.Event:2", new String((byte[]) head.get(3).getFirst(), StandardCharsets.UTF_8));
        double started = Double.longBitsToDouble((Long) head.get(1).getFirst());
        assertTrue(started > 1.6e9, "seconds since 1970");
        double before = started;
        for (int round = 0; round <= ROUNDS; round++) {
            Map<Integer, List<Object>> event = message(records.get(round + 1));
            assertEquals((long) round, event.get(2).getFirst());
            double time = Double.longBitsToDouble((Long) event.get(1).getFirst());
            assertTrue(time >= before, "time goes on");
            before = time;
            Map<String, Float> scalars = new TreeMap<>();
            for (Object value : message((byte[]) event.get(5).getFirst()).get(1)) {
                Map<Integer, List<Object>> scalar = message((byte[]) value);
                scalars.put(new String((byte[]) scalar.get(1).getFirst(), StandardCharsets.UTF_8),
                        Float.intBitsToFloat((Integer) scalar.get(2).getFirst()));
            }
            assertEquals((float) first.accuracies()[round], scalars.get("accuracy"));
            assertEquals(round > 0, scalars.containsKey("train_loss"));
            assertEquals(10, scalars.keySet().stream().filter(tag -> tag.startsWith("accuracy_by_class/")).count());
        }
    }

    /** TensorBoard draws all event files of a folder as one run, and knows one value a tag and step. */
    @Test
    void everyRunHasAFolderAndEveryClassATag() throws IOException {
        SyntheticRuns runs = new SyntheticRuns(folder.resolve("more"), ROUNDS, DEVICES);
        List<Path> directories = new ArrayList<>();
        for (String name : List.of("a/run", "b/run", "c/run-2")) {
            Files.createDirectories(folder.resolve(name).getParent());
            directories.add(Files.move(runs.write("fedtiny", 1, 0.6, End.DONE), folder.resolve(name)));
        }
        Path manifest = directories.getFirst().resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("Trouser", "Coat"));
        Path events = folder.resolve("events");
        Path earlier = Files.createDirectories(events.resolve("run")).resolve("events.out.tfevents.7.fedtiny");
        Files.writeString(earlier, "a run that had this name before");
        Files.writeString(earlier.resolveSibling(".events.out.tfevents.7.fedtiny.01234567-89ab-cdef-0123-456789abcdef.tmp"), "half");
        RunReport.read(directories, List.of()).tensorBoard(events);
        for (String name : List.of("run", "run-2", "run-2-2")) {
            try (Stream<Path> inside = Files.list(events.resolve(name))) {
                List<Path> files = inside.toList();
                assertEquals(1, files.size(), files.toString());
                List<String> tags = message((byte[]) message(records(files.getFirst()).get(1)).get(5).getFirst()).get(1).stream()
                        .map(value -> new String((byte[]) message((byte[]) value).get(1).getFirst(), StandardCharsets.UTF_8)).toList();
                assertEquals(tags.stream().distinct().toList(), tags);
                assertTrue(tags.contains("accuracy_by_class/" + (name.equals("run") ? "Coat (4)" : "Coat")), tags.toString());
            }
        }
    }

    @Test
    void everyFigureOfARoundIsAColumn() throws IOException {
        Path tables = folder.resolve("columns");
        report.csv(tables);
        List<String> columns = List.of(Files.readAllLines(tables.resolve("rounds.csv")).getFirst().split(","));
        RoundFigure.ALL.forEach(figure -> assertTrue(columns.contains(figure.key()), figure.key()));
    }
}

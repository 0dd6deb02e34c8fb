package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.experiment.metrics.RoundFigure;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures by device and by class in {@code metrics.jsonl}: they add up to the run's, come at no cost, and change no bit. */
class MetricsFiguresTest {
    private static final int DEVICES = 4;

    @TempDir
    private static Path folder;

    private static Experiment experiment;
    private static TrainTest images;
    private static List<JsonObject> lines;

    private record Silent() implements Runner.Listener {
        @Override
        public void started(Method method, InitReport report, TestResult test) {
            assertTrue(test.confusion().known());
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
            throw new AssertionError("nothing is resumed");
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
            assertEquals(test.correct(), IntStream.of(test.confusion().correct()).sum());
        }

        @Override
        public void warning(String sentence) {
            assertFalse(sentence.isEmpty());
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
            throw new AssertionError("nobody stops the process");
        }
    }

    @BeforeAll
    static void run() throws IOException {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        settings.putAll(Map.of(Setting.METHOD, "fl-pqsu", Setting.WIDTH, "2", Setting.ROUNDS, "3", Setting.DEVICES, "" + DEVICES,
                Setting.MAX_IMAGES, "160", Setting.MAX_TEST_IMAGES, "40", Setting.DENSITY, "0.5", Setting.THREADS, "1",
                Setting.DROPOUT, "0.3", Setting.BASELINE, "false"));
        experiment = Experiment.of(settings);
        images = experiment.open();
        lines = lines(run(experiment, "plain"));
    }

    private static Path run(Experiment of, String name) throws IOException {
        Path directory = folder.resolve(name);
        Runner.run(of, images, RunDirectory.create(directory), new Silent());
        return directory;
    }

    private static List<JsonObject> lines(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream().map(line -> (JsonObject) JsonReader.parse(line)).toList();
    }

    private static List<JsonObject> rounds() {
        return lines.stream().filter(line -> line.string("event").equals("round")).toList();
    }

    private static long[] numbers(JsonObject object, String name) {
        return object.array(name).stream().mapToLong(value -> ((JsonValue.JsonNumber) value).toLong().orElseThrow()).toArray();
    }

    private static long sum(JsonObject object, String name) {
        return total(numbers(object, name));
    }

    private static long total(long... values) {
        return LongStream.of(values).sum();
    }

    @Test
    void figuresOfDevicesAddUpToTheRounds() {
        for (JsonObject round : rounds()) {
            JsonObject devices = round.object("byDevice");
            assertArrayEquals(numbers(round, "reporters"), numbers(devices, "device"), "without faults who answers reports");
            assertEquals(round.object("costs").integer("flops"), sum(devices, "flops"));
            assertEquals(round.integer("maxDeviceFlops"), LongStream.of(numbers(devices, "flops")).max().orElseThrow());
            JsonObject messages = round.object("costs").object("messages");
            assertEquals(messages.object("train").integer("bytes"), sum(devices, "bytesDown"));
            assertEquals(messages.object("update").integer("bytes"), sum(devices, "bytesUp"));
            double loss = 0;
            long samples = 0;
            for (int i = 0; i < devices.array("device").size(); i++) {
                long n = numbers(devices, "samples")[i];
                loss += n * ((JsonValue.JsonNumber) devices.array("loss").get(i)).toDouble();
                samples += n;
                assertTrue(((JsonValue.JsonNumber) devices.array("seconds").get(i)).toDouble() > 0);
            }
            assertEquals(round.number("trainLoss"), loss / samples, 1e-12);
        }
    }

    @Test
    void figuresOfClassesAddUpToTheAccuracy() {
        long[] test = numbers(lines.getFirst().object("split"), "test");
        for (JsonObject round : rounds()) {
            JsonObject classes = round.object("byClass");
            assertArrayEquals(test, numbers(classes, "count"));
            assertEquals(round.number("accuracy"), sum(classes, "correct") / 40.0, 1e-15);
            assertEquals(40, sum(classes, "predicted"));
        }
        JsonObject confusion = lines.getLast();
        assertEquals("confusion", confusion.string("event"));
        List<JsonValue> rows = confusion.array("rows");
        JsonObject last = rounds().getLast().object("byClass");
        for (int label = 0; label < 10; label++) {
            long[] row = ((JsonValue.JsonArray) rows.get(label)).values().stream()
                    .mapToLong(value -> ((JsonValue.JsonNumber) value).toLong().orElseThrow()).toArray();
            assertEquals(11, row.length);
            assertEquals(test[label], total(row));
            assertEquals(numbers(last, "correct")[label], row[label]);
        }
    }

    @Test
    void theSplitIsTheExperiments() {
        FederatedData data = experiment.data(images);
        List<JsonValue> devices = lines.getFirst().object("split").array("devices");
        assertEquals(DEVICES, devices.size());
        for (int device = 0; device < DEVICES; device++) {
            assertEquals(IntStream.of(data.devices().get(device).classCounts()).mapToObj(JsonValue::of).toList(),
                    ((JsonValue.JsonArray) devices.get(device)).values());
        }
        assertArrayEquals(IntStream.of(data.publicSet().classCounts()).asLongStream().toArray(),
                numbers(lines.getFirst().object("split"), "public"));
    }

    @Test
    void evaluatingOnDevicesChangesNoBit() throws IOException {
        Path evaluated = run(experiment.with(Map.of(Setting.EVALUATE_DEVICES, "2")), "evaluated");
        assertArrayEquals(Files.readAllBytes(folder.resolve("plain/model.safetensors")),
                Files.readAllBytes(evaluated.resolve("model.safetensors")));
        List<JsonObject> with = lines(evaluated);
        assertEquals(List.of(true, false, true, true), with.stream().limit(4).map(line -> line.find("deviceAccuracy").isPresent()).toList(),
                "the start, round 2 and the last one");
        List<JsonValue> accuracies = with.get(3).object("deviceAccuracy").array("accuracy");
        assertEquals(DEVICES, accuracies.size());
        for (JsonValue accuracy : accuracies) {
            double value = ((JsonValue.JsonNumber) accuracy).toDouble();
            assertTrue(value >= 0 && value <= 1);
        }
        assertEquals(strip(lines), strip(with), "nothing else differs but times");
    }

    private static List<String> strip(List<JsonObject> all) {
        return all.stream().map(Object::toString).map(line -> Stream.of(
                "\"(seconds|joules|compilationSeconds)\":(\\[[^\\]]*\\]|[-+.0-9eE]+)",
                "\"deviceAccuracy\":\\{[^}]*\\},?").reduce(line, (text, pattern) -> text.replaceAll(pattern, ""))).toList();
    }

    /** The documentation names every member that is written, and every column made of it. */
    @Test
    void everyMemberIsDocumented() throws IOException {
        String documentation = Files.readString(Path.of(System.getProperty("basedir", "."), "..", "docs", "metrics.md"));
        for (JsonObject line : lines) {
            for (Map.Entry<String, JsonValue> member : line.members().entrySet()) {
                assertTrue(documentation.contains('`' + member.getKey() + '`'), member.getKey() + " of " + line.string("event"));
                if (member.getKey().startsWith("by") && member.getValue() instanceof JsonObject inner) {
                    inner.members().keySet().forEach(name -> assertTrue(documentation.contains('`' + name + '`'), name));
                }
            }
        }
        RoundFigure.ALL.forEach(figure -> assertTrue(documentation.contains('`' + figure.key() + '`'), figure.key()));
    }

    /** A metered run whose heap was enough for all its rounds ended in nothing but the lack of room for a probe of memory. */
    @Test
    void aRoofThatDoesNotFitTheHeapIsNotMeasured() {
        JsonObject roof = Metrics.roof(1, _ -> {
            throw new OutOfMemoryError("Java heap space");
        });
        assertTrue(roof.number("roofGflops") > 0 && roof.find("roofGigabytes").isEmpty(), roof.toString());
        assertEquals(14.5, Metrics.roof(1, _ -> 14.5).number("roofGigabytes"));
    }
}

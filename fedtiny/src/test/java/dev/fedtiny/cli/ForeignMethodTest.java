package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.experiment.SettingIndex;
import dev.fedtiny.method.MethodProvider;
import dev.fedtiny.method.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link example.RandomMasks}, which the main sources do not know, does what their own methods do. That it resumes with the same bits
 * stands in
 * {@link dev.fedtiny.experiment}'s ResumeTest, that its estimate is exact in EstimateTest.
 */
class ForeignMethodTest extends CommandCall {
    private static final List<String> TINY = List.of("--set", "method=toy", "--set", "toy-share=0.5", "--set", "width=2", "--set",
            "devices=2",
            "--set", "max-images=120", "--set", "max-test-images=20", "--set", "pretrain-epochs=1", "--set", "density=0.2", "--set",
                    "threads=1");

    @TempDir
    Path folder;

    private int toy(String command, String... more) {
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(TINY);
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    private Path ran(String name, int rounds) {
        Path directory = folder.resolve(name);
        assertEquals(OK, toy("run", "--set", "rounds=" + rounds, "--set", "adjust-until=6", "--set", "schedule=constant", "--no-baseline",
                "--out", directory.toString()), err);
        return directory;
    }

    @Test
    void itIsFoundWithItsSettings() {
        assertEquals("toy", Methods.all().getLast().name());
        assertEquals(OK, toy("run", "--print-config"), err);
        assertTrue(out.contains("\nmethod = toy\n")
                && out.contains("# toy: share of chance in the score of a weight [share]\ntoy-share = 0.5\n"),
                out);
        assertEquals(USAGE, run("run", "--set", "method=tou"));
        assertTrue(err.contains("fedsgc, toy"), err);
        assertEquals(USAGE, run("run", "--set", "toy-share=2"), "checked whichever method runs");
        assertTrue(err.contains("toy-share = '2', expected a number of at least 0 and at most 1, share"), err);
    }

    @Test
    void itRunsAndIsReported() throws Exception {
        Path whole = ran("whole", 4);
        JsonObject manifest = (JsonObject) JsonReader.parse(Files.readString(whole.resolve("manifest.json")));
        assertEquals(0.5, manifest.object("configuration").number("toy-share"));
        assertFalse(manifest.array("unused").toString().contains("toy-share"), "it looks at its own");
        for (JsonObject round : rounds(whole)) {
            assertTrue(round.object("toy").integer("moved") > 0, "its own task, message part and line");
        }
        Path page = folder.resolve("page.html");
        assertEquals(OK, run("report", whole.toString(), "--out", page.toString()), err);
        assertTrue(Files.readString(page).contains("toy"));
    }

    private static List<JsonObject> rounds(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream().map(line -> (JsonObject) JsonReader.parse(line))
                .filter(line -> line.string("event").equals("round")).toList();
    }

    @Test
    void itIsEstimatedToTheByteOfItsOwnMessages() throws Exception {
        JsonObject second = rounds(ran("counted", 3)).get(1).object("costs");
        assertEquals(OK, toy("estimate", "--exact", "--set", "data=demo", "--set", "rounds=3", "--set", "adjust-until=6", "--json"), err);
        JsonObject ordinary = ((JsonObject) JsonReader.parse(out)).object("exact").object("ordinaryRound");
        assertEquals(second.integer("bytesUp"), ordinary.integer("bytesUp"));
        assertEquals(second.integer("bytesDown"), ordinary.integer("bytesDown"));
        assertEquals(second.integer("flops"), ordinary.integer("flops"));
        JsonObject estimate = (JsonObject) JsonReader.parse(out);
        assertEquals("toy", estimate.string("method"));
        assertEquals("static", estimate.object("paper").string("costClass"));
    }

    @Test
    void itsSettingIsSwept() throws Exception {
        Path file = folder.resolve("sweep.txt");
        Files.writeString(file, """
                method = toy
                sweep.toy-share = 0, 1
                width = 2
                rounds = 2
                adjust-until = 6
                devices = 2
                max-images = 120
                max-test-images = 20
                pretrain-epochs = 1
                density = 0.2
                threads = 1
                """);
        assertEquals(OK, run("sweep", file.toString(), "--out", folder.resolve("sweep").toString()), err);
        assertTrue(out.contains("toy-share"), out);
    }

    /** What every provider says of itself is what its methods do. */
    @Test
    void providersMakeMethodsOfTheirNames() {
        for (MethodProvider provider : Methods.all()) {
            assertFalse(provider.description().isBlank(), provider.name());
            provider.settings().forEach(spec -> assertTrue(SettingIndex.all().contains(spec), spec.key()));
        }
    }
}

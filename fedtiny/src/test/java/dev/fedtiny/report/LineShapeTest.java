package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of others are refused by file, line and member where a line is another thing than reports take it for. */
class LineShapeTest {
    private static final String START = """
            {"event":"init","format":"fedtiny-metrics-2","accuracy":0.1,"loss":null,"pretraining":{"flops":9,"seconds":1},\
            "scoring":{"costs":{"flops":3}},"byClass":{"count":[1,2],"correct":[0,1],"predicted":[2,1]},\
            "split":{"devices":[[1,0],[0,2]],"test":[1,2]},"layers":[{"name":"fc.weight","kept":2,"size":4}]}
            """;
    private static final String ROUND = """
            {"event":"round","round":1,"accuracy":0.2,"costs":{"flops":5,"messages":{"train":{"frames":1,"bytes":7}}},\
            "byDevice":{"device":[0,1],"samples":[1,2],"loss":[null,2.5],"flops":[2,3],\
            "bytesDown":[4,4],"bytesUp":[3,3],"seconds":[0.1,0.2]},\
            "failures":[{"device":1,"cause":"TIMEOUT","reason":"late"}],"reporters":[0],\
            "adjustments":[{"name":"fc.weight","kept":2,"asked":1,"exchanged":1,"grownBefore":0,"survivors":0}],\
            "byClass":{"count":[1,2],"correct":[1,1],"predicted":[2,1]},"measured":{"steps":1,"images":2,"stepNanos":3,"operators":[]}}
            """;
    private static final String END = "{\"event\":\"confusion\",\"rows\":[[1,0,0],[1,1,0]]}\n";
    private static final String LOST = "{\"event\":\"lost\",\"roundsDone\":3,\"bytes\":7}\n";

    @TempDir
    Path folder;

    private Path run(String manifest, String metrics) throws Exception {
        Files.writeString(folder.resolve("manifest.json"), manifest);
        Files.writeString(folder.resolve("metrics.jsonl"), metrics);
        return folder;
    }

    private static String manifest(String rounds) {
        return "{\"configuration\":{\"method\":\"snip\",\"rounds\":" + rounds + "}}";
    }

    @Test
    void whatIsSoundIsRead() throws Exception {
        RunRecord run = RunReader.read(run(manifest("3"), START + LOST + ROUND.replace("\"round\":1", "\"round\":4") + END));
        assertEquals(4, run.rounds().size());
        assertEquals(3, run.lostRounds());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
        "\"flops\":9 | \"flops\":\"9\" | in line 1 'pretraining.flops' is a string, expected a number of at least 0",
        "\"costs\":{\"flops\":3} | \"costs\":7 | in line 1 'scoring.costs' is 7, expected an object",
        "\"kept\":2,\"size\":4 | \"kept\":2 | in line 1 'layers[0].size' is missing",
        "\"size\":4 | \"size\":0 | in line 1 'layers[0].size' is 0, expected a number of at least 1",
        "[[1,0],[0,2]] | [[1,0],[0]] | in line 1 'split.devices' is an array, expected rows of one length",
        "[[1,0],[0,2]] | [] | in line 1 'split.devices' is an array, expected rows",
        "\"correct\":[0,1] | \"correct\":[0] | in line 1 'byClass.count' has 2 values, another column 1",
        "\"correct\":[1,1] | \"zz\":[1,1] | in line 2 'byClass.correct' is missing",
        "\"count\":[1,2],\"correct\":[1,1],\"predicted\":[2,1] | \"count\":[1],\"correct\":[1],\"predicted\":[2] "
                + "| in line 2 'byClass' has 1 classes",
        "\"bytes\":7}} | \"bytes\":1e300}} | in line 2 'costs.messages.train.bytes' is 1e300",
        "\"cause\":\"TIMEOUT\" | \"cause\":1 | in line 2 'failures[0].cause' is 1, expected a text",
        "\"device\":[0,1] | \"device\":[0,1e9] | in line 2 'byDevice.device[1]' is 1e9",
        "\"round\":1 | \"zz\":1 | in line 2 'round' is missing",
        "\"operators\":[] | \"operators\":[{\"operator\":\"a\"}] | in line 2 'measured.operators[0].denseMacs' is missing",
        "[[1,0,0],[1,1,0]] | [[1],[1]] | in line 3 'rows' has 2 classes and a row with 1 answers",
        "\"accuracy\":0.2 | \"accuracy\":20 | in line 2 'accuracy' is 20, expected a share from 0 to 1",
        "\"accuracy\":0.2 | \"accuracy\":-0.2 | in line 2 'accuracy' is -0.2, expected a share from 0 to 1",
        "\"round\":1 | \"round\":2 | in line 2 'round' is 2, expected 1: rounds stand in their order, each once",
        "\"costs\":{\"flops\":5 | \"zz\":{\"flops\":5 | in line 2 'costs' is missing",
        "\"event\":\"round\" | \"event\":\"init\" | in line 2 it is a second start",
        "\"event\":\"init\" | \"event\":\"roof\" | in line 1 it is no start"})
    void whatIsNotIsNamed(String sound, String damaged, String expected) throws Exception {
        String metrics = START + ROUND + END;
        assertTrue(metrics.contains(sound), sound);
        run(manifest("3"), metrics.replaceFirst(Pattern.quote(sound), damaged));
        String message = assertThrows(DataException.class, () -> RunReader.read(folder)).getMessage();
        assertTrue(message.contains("metrics.jsonl' is damaged: " + expected), message);
    }

    /** A round that stands there twice, or before another, would move all behind it, and the mean of the last ones with them. */
    @Test
    void roundsStandInTheirOrderEachOnce() throws Exception {
        String second = ROUND.replace("\"round\":1", "\"round\":2");
        assertEquals(2, RunReader.read(run(manifest("2"), (START + ROUND + second).replace("\n", "\r\n"))).rounds().size());
        for (String rounds : List.of(ROUND + ROUND, ROUND + second + second, second + ROUND, ROUND + second.replace(":2", ":3"))) {
            run(manifest("2"), START + rounds);
            String message = assertThrows(DataException.class, () -> RunReader.read(folder)).getMessage();
            assertTrue(message.contains("rounds stand in their order, each once"), message);
        }
        // What is lost has its place.
        run(manifest("5"), START + ROUND + LOST + second);
        assertTrue(assertThrows(DataException.class, () -> RunReader.read(folder)).getMessage().contains("'round' is 2, expected 4"));
    }

    @Test
    void linesThatAreNoJsonAreCountedToo() throws Exception {
        for (String damaged : List.of(ROUND.substring(0, 30) + "\n", "\n", "7\n")) {
            run(manifest("2"), START + damaged + ROUND);
            String message = assertThrows(DataException.class, () -> RunReader.read(folder)).getMessage();
            assertTrue(message.contains("metrics.jsonl' is damaged in line 2: "), message);
        }
    }

    /** Of a copy that was cut off at the end of a line nothing in it tells. */
    @Test
    void metricsHaveAllTheRoundsOfTheResult() throws Exception {
        run(manifest("1"), START + ROUND);
        Files.writeString(folder.resolve("result.json"), "{\"curve\":[{},{}]}");
        assertEquals(RunState.DONE, RunReader.read(folder).state());
        Files.writeString(folder.resolve("result.json"), "{\"curve\":[{\"correct\":1,\"count\":10},{\"correct\":2,\"count\":10}]}");
        assertEquals(RunState.DONE, RunReader.read(folder).state());
        Files.writeString(folder.resolve("result.json"), "{\"curve\":[{\"correct\":1,\"count\":10},{\"correct\":3,\"count\":10}]}");
        assertTrue(assertThrows(DataException.class, () -> RunReader.read(folder)).getMessage()
                .contains("after round 1 it has accuracy 0.2, the run's result.json accuracy 0.3"));
        run(manifest("1"), START + ROUND.replace("\"accuracy\":0.2,", ""));
        assertTrue(assertThrows(DataException.class, () -> RunReader.read(folder)).getMessage()
                .contains("after round 1 it has no accuracy, the run's result.json accuracy 0.3"));
        run(manifest("1"), START + ROUND);
        Files.writeString(folder.resolve("result.json"), "{\"curve\":[{},{},{}]}");
        String message = assertThrows(DataException.class, () -> RunReader.read(folder)).getMessage();
        assertTrue(message.contains("metrics.jsonl' is not whole, or of another run: it has 1 round, the run's result.json has 2"),
                message);
    }

    /** A line says how many rounds were lost, and each takes a place in memory. */
    @Test
    void noMoreRoundsAreLostThanThereWere() throws Exception {
        run(manifest("3"), LOST.replace("3", "2000000000"));
        String message = assertThrows(DataException.class, () -> RunReader.read(folder)).getMessage();
        assertTrue(message.contains("'roundsDone' is 2000000000, expected at most 3"), message);
    }

    @Test
    void settingsThatFiguresGoByAreNumbers() throws Exception {
        run(manifest("\"many\""), START);
        String message = assertThrows(DataException.class, () -> RunReader.read(folder)).getMessage();
        assertTrue(message.contains("manifest.json' is damaged: the setting rounds is 'many'"), message);
    }

    @Test
    void profilesAreLookedAtToo() {
        JsonObject profile = (JsonObject) JsonReader.parse("{\"measured\":{\"steps\":1,\"images\":2,\"stepNanos\":3,\"operators\":[]}}");
        assertDoesNotThrow(() -> LineShape.checkProfile("p", profile));
        JsonObject damaged = (JsonObject) JsonReader.parse("{\"measured\":{\"steps\":1,\"images\":2,\"stepNanos\":3,\"operators\":[1]}}");
        assertTrue(assertThrows(DataException.class, () -> LineShape.checkProfile("p", damaged)).getMessage()
                .contains("'measured.operators[0]' is 1, expected an object"));
    }

    /** What the statistics behind the last round took was in the total of messages, and in no kind. */
    @Test
    void messagesBehindTheLastRoundHaveTheirKinds() throws Exception {
        RunRecord run = RunReader.read(run(manifest("1"), START + ROUND + """
                {"event":"recalibrated","accuracy":0.3,"costs":{"bytesDown":11,"messages":{"statistics":{"frames":1,"bytes":11}}}}
                """));
        assertEquals(Map.of("train", 7.0, "statistics", 11.0), run.bytesByKind());
        assertEquals(List.of("train", "statistics"), List.copyOf(run.bytesByKind().keySet()));
    }
}

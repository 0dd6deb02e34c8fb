package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.Sweep;
import dev.fedtiny.experiment.SweepRunner.Outcome;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FedAvg;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the rows of a sweep's table are compared with. */
class SweepReferenceTest extends CommandCall {
    @TempDir
    private Path folder;

    private static Outcome done(Map<String, String> group, int seed, double accuracy) {
        Map<String, String> place = new LinkedHashMap<>(group);
        place.put("seed", Integer.toString(seed));
        TestResult last = new TestResult(1, (int) Math.round(1000 * accuracy), 1000);
        return new Outcome.Done(new Sweep.Run("run", place, Experiment.of(Map.of(Setting.SEED, Integer.toString(seed)))),
                new Runner.Result(new FedAvg(), 1, List.of(last, last), Costs.NONE, 1, 1), false);
    }

    private static Map<String, String> place(String method, String density) {
        Map<String, String> place = new LinkedHashMap<>();
        if (!density.isEmpty()) {
            place.put("density", density);
        }
        place.put("case", method);
        return place;
    }

    /** Two densities of two cases, and one that sets its density itself. */
    private static List<Outcome> outcomes() {
        List<Outcome> outcomes = new ArrayList<>();
        for (int seed = 1; seed <= 3; seed++) {
            outcomes.add(done(place("snip", "0.1"), seed, 0.50));
            outcomes.add(done(place("fedtiny", "0.1"), seed, 0.52));
            outcomes.add(done(place("snip", "0.2"), seed, 0.60));
            outcomes.add(done(place("fedtiny", "0.2"), seed, 0.65));
            outcomes.add(done(place("dense", ""), seed, 0.70));
        }
        return outcomes;
    }

    private static List<String> rows(String table) {
        return table.lines().map(line -> line.replaceAll(" {2,}", "|")).toList();
    }

    @Test
    void theFirstRowIsTheReferenceUnlessAnotherIsNamed() {
        assertTrue(SweepTable.of(outcomes()).toString().contains("accuracy against 0.1, snip "));
        List<String> rows = rows(SweepTable.of(outcomes(), Optional.of("dense")).toString());
        assertTrue(rows.get(1).contains("dense|3|70.00 %"), "the reference comes first: " + rows);
        assertTrue(rows.contains("accuracy against dense|pairs|points|95 % interval"), rows.toString());
        assertTrue(rows.contains("0.2, fedtiny|3|−5.00|−5.00 … −5.00"), rows.toString());
        assertEquals(1, rows.stream().filter(row -> row.contains("dense|3|")).count(), "not with itself: " + rows);
    }

    /** A case with several rows: each other row beside the one of its own density, and one without a density beside all. */
    @Test
    void rowsAreComparedWithTheReferenceOfTheirOwnLists() {
        SweepTable table = SweepTable.of(outcomes(), Optional.of("fedtiny"));
        List<String> rows = rows(table.toString());
        int head = rows.indexOf("accuracy of|against|pairs|points|95 % interval");
        assertEquals(List.of("0.1, snip|0.1, fedtiny|3|−2.00|−2.00 … −2.00", "0.2, snip|0.2, fedtiny|3|−5.00|−5.00 … −5.00",
                "dense|0.1, fedtiny|3|+18.00|+18.00 … +18.00", "dense|0.2, fedtiny|3|+5.00|+5.00 … +5.00"),
                rows.subList(head + 1, head + 5));
        String json = JsonWriter.compact(table.json()).replace(" ", "");
        assertTrue(json.contains("\"differences\":[{\"against\":{\"density\":\"0.2\",\"case\":\"fedtiny\"},\"pairs\":3,"), json);
        assertFalse(json.contains("againstFirst"), json);
    }

    @Test
    void theCommandTakesTheNameFromTheFileOrItsOption() throws IOException {
        String kept = Path.of("..", "results", "claim", "parts").toString();
        String parts = Path.of("..", "examples", "claim-parts.properties").toString();
        assertEquals(OK, run("sweep", parts, "--table", "--out", kept), err);
        assertTrue(out.contains("accuracy against fedtiny "), out);
        assertTrue(out.lines().anyMatch(line -> line.matches("fedtiny-no-selection +\\d +[+−].*")), out);
        assertEquals(OK, run("sweep", parts, "--table", "--against", "magnitude", "--out", kept), err);
        assertTrue(out.contains("accuracy against magnitude "), out);
        assertEquals(USAGE, run("sweep", parts, "--table", "--against", "magnitud", "--out", kept), err);
        assertTrue(err.contains("against = 'magnitud'") && err.contains("did you mean 'magnitude'?"), err);
        assertEquals(1, err.lines().count(), err);
        assertEquals(OK, run("sweep", parts, "--table", "--out", folder.resolve("none").toString()), err);
        assertTrue(out.contains("seed-3_magnitude-prunable-stem") && out.strip().endsWith(" and 20 more; --list names all"), out);
        assertEquals(USAGE, run("sweep", parts, "--list", "--against", "magnitude", "--out", kept), err);
        assertEquals(USAGE, run("run", Files.writeString(folder.resolve("x.properties"), "against = fedtiny\n").toString()), err);
        assertTrue(err.contains("makes it a sweep"), err);
    }
}

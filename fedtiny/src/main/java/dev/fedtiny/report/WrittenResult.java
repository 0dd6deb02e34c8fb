package dev.fedtiny.report;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.settings.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code result.json} says beside the metrics of its run. Reports go by the metrics; a copy of them that has lost lines, or lies
 * beside another run's result, would give means over other rounds and look like any other.
 */
final class WrittenResult {
    /** Accuracies that differ by rounding alone are equal. */
    private static final double ROUNDING = 1e-9;

    private WrittenResult() {
    }

    /**
     * Checks that metrics and result have the same rounds with the same accuracies; nothing where there is no result.
     *
     * @param directory of the run
     * @param metrics its file of them, for the message
     * @param start the line of the start
     * @param rounds their lines; those without members are lost, and have no accuracy to compare
     * @throws DataException if they differ, or the result is no JSON object
     * @throws IOException if it cannot be read
     */
    static void check(Path directory, Path metrics, Optional<JsonObject> start, List<JsonObject> rounds) throws IOException {
        Path file = directory.resolve(RunDirectory.RESULT);
        if (!Files.isRegularFile(file)) {
            return;
        }
        List<JsonObject> curve = JsonMembers.objects(RunReader.object(file), "curve");
        if (!curve.isEmpty() && curve.size() != rounds.size() + 1) {
            throw new DataException("'" + metrics + "' is not whole, or of another run: it has " + Numbers.counted(rounds.size(), "round")
                    + ", the run's result.json has " + (curve.size() - 1));
        }
        for (int round = 0; round < curve.size(); round++) {
            JsonObject line = round == 0 ? start.orElse(JsonObject.builder().build()) : rounds.get(round - 1);
            double count = JsonMembers.number(curve.get(round), "count");
            double expected = count > 0 ? JsonMembers.number(curve.get(round), "correct") / count : Double.NaN;
            double accuracy = JsonMembers.number(line, "accuracy");
            boolean same = Double.isNaN(expected) ? Double.isNaN(accuracy) : Math.abs(accuracy - expected) <= ROUNDING;
            if (count >= 0 && !same && !line.members().isEmpty()) {
                throw new DataException("'" + metrics + "' is damaged, or of another run: after round " + round + " it has "
                        + words(accuracy) + ", the run's result.json " + words(expected));
            }
        }
    }

    private static String words(double accuracy) {
        return Double.isNaN(accuracy) ? "no accuracy" : "accuracy " + accuracy;
    }
}

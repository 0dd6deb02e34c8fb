package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * How long a run took, and how much of that is the virtual machine warming up: its first rounds are interpreted while the compiler works,
 * so that {@link #roundSeconds} and not a sum is what methods are compared by.
 *
 * @param wallSeconds from start to end, evaluation included; of a resumed run, without what was computed twice
 * @param roundSeconds the median round, which a warm-up does not move; NaN where it is not known
 * @param compilationSeconds processor time of the compiler in this process, which works beside the training; NaN where it is not known
 */
public record RunTimes(double wallSeconds, double roundSeconds, double compilationSeconds) {
    /**
     * Where only the whole is known.
     *
     * @param wallSeconds from start to end
     * @return the times
     */
    public static RunTimes of(double wallSeconds) {
        return new RunTimes(wallSeconds, Double.NaN, Double.NaN);
    }

    /** The same with what the lines of {@code metrics.jsonl} say; a line that is damaged says nothing. */
    static RunTimes of(double wallSeconds, Path metrics) throws IOException {
        try (Stream<String> lines = Files.lines(metrics, StandardCharsets.ISO_8859_1)) {
            double[][] times = lines.map(RunTimes::line).toArray(double[][]::new);
            return new RunTimes(wallSeconds, median(Arrays.stream(times).mapToDouble(time -> time[0])),
                    Arrays.stream(times).mapToDouble(time -> time[1]).filter(Double::isFinite).reduce(Double::sum).orElse(Double.NaN));
        }
    }

    /** Seconds of a round, and of the compiler; NaN for what a line does not say. */
    private static double[] line(String text) {
        try {
            if (JsonReader.parse(text) instanceof JsonObject line && line.find("event").isPresent()) {
                boolean round = line.string("event").equals("round");
                return new double[] {round && line.find("costs").isPresent() ? line.object("costs").number("seconds") : Double.NaN,
                        line.find("compilationSeconds").orElse(null) instanceof JsonValue.JsonNumber number ? number.toDouble()
                                : Double.NaN};
            }
        } catch (JsonException e) {
            // Reports name the damage.
        }
        return new double[] {Double.NaN, Double.NaN};
    }

    /**
     * The median, which a few slow rounds at the beginning do not move.
     *
     * @param values any; those that are not finite do not count
     * @return NaN of none
     */
    public static double median(DoubleStream values) {
        double[] sorted = values.filter(Double::isFinite).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length == 0 ? Double.NaN : sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

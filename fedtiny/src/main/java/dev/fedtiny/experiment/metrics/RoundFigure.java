package dev.fedtiny.experiment.metrics;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import java.util.List;
import java.util.Optional;

/**
 * A number that every round may have. One line in {@link #ALL} makes it a column of {@code rounds.csv}, a tag of TensorBoard's events and,
 * where it is drawn, a curve of the report.
 *
 * @param key of the column and the tag
 * @param unit for people; empty for pure numbers
 * @param meaning one phrase
 * @param curve whether the report draws it round by round
 * @param path members of the line that lead to it
 */
public record RoundFigure(String key, String unit, String meaning, Curve curve, List<String> path) {
    /** Whether the report draws a figure. */
    public enum Curve {
        /** Round by round, as soon as a run has it. */
        DRAWN,
        /** It stands elsewhere in the report, or nowhere. */
        NOT_DRAWN
    }

    /** In the order of the columns. */
    public static final List<RoundFigure> ALL = List.of(
            of("accuracy", "", "share of right answers on the images of the evaluation", Curve.NOT_DRAWN, "accuracy"),
            of("loss", "nats", "mean cross entropy on the images of the evaluation", Curve.DRAWN, "loss"),
            of("train_loss", "nats", "mean cross entropy over what reporters trained on", Curve.DRAWN, "trainLoss"),
            of("learning_rate", "", "of the devices' steps", Curve.NOT_DRAWN, "learningRate"),
            of("density", "", "active share of the prunable weights", Curve.DRAWN, "density"),
            of("max_device_flops", "FLOP", "exact count of the device that had most to do", Curve.NOT_DRAWN, "maxDeviceFlops"),
            of("flops", "FLOP", "exact count of all devices and the server", Curve.NOT_DRAWN, "costs", "flops"),
            of("bytes_down", "bytes", "frames to devices", Curve.NOT_DRAWN, "costs", "bytesDown"),
            of("bytes_up", "bytes", "frames from devices", Curve.NOT_DRAWN, "costs", "bytesUp"),
            of("seconds", "s", "wall time of the round, evaluation not included", Curve.NOT_DRAWN, "costs", "seconds"),
            of("compilation_seconds", "s", "time of the virtual machine's compiler meanwhile", Curve.NOT_DRAWN, "compilationSeconds"),
            of("simulated_seconds", "s", "by the simulated speeds", Curve.NOT_DRAWN, "simulatedSeconds"),
            of("joules", "J", "of the whole machine's processors", Curve.NOT_DRAWN, "joules"),
            of("masks_grown", "weights", "grown since the round before", Curve.NOT_DRAWN, "masks", "grown"),
            of("masks_pruned", "weights", "pruned since the round before", Curve.NOT_DRAWN, "masks", "pruned"),
            of("masks_returned", "weights", "of those grown, had been active before", Curve.NOT_DRAWN, "masks", "returned"),
            of("epsilon", "ε", "what differential privacy of devices has cost so far", Curve.DRAWN, "privacy", "epsilon"),
            of("attempts", "", "how often devices were asked", Curve.NOT_DRAWN, "attempts"));

    /** Keeps its own list. */
    public RoundFigure {
        path = List.copyOf(path);
    }

    private static RoundFigure of(String key, String unit, String meaning, Curve curve, String... path) {
        return new RoundFigure(key, unit, meaning, curve, List.of(path));
    }

    /**
     * The figure of a line.
     *
     * @param line of a round, or of the start
     * @return NaN where it does not have it
     */
    public double of(JsonObject line) {
        Optional<JsonValue> value = Optional.of(line);
        for (String name : path) {
            value = value.filter(JsonObject.class::isInstance).flatMap(object -> ((JsonObject) object).find(name));
        }
        return value.orElse(null) instanceof JsonValue.JsonNumber number ? number.toDouble() : Double.NaN;
    }
}

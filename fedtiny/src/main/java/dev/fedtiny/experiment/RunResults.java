package dev.fedtiny.experiment;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Traffic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Results as {@code result.json}, the file whose presence says that a run is done. */
public final class RunResults {
    private RunResults() {
    }

    /**
     * A result as the file has it, a JSON object; figures that are not finite are left out.
     *
     * @param result of a run
     * @return indented JSON
     */
    public static String text(Runner.Result result) {
        return JsonWriter.indented(toJson(result));
    }

    static JsonObject toJson(Runner.Result result) {
        return toJson(result, Optional.empty());
    }

    /**
     * The same.
     *
     * @param privacy what was spent of the devices' privacy; empty where there was no noise
     */
    static JsonObject toJson(Runner.Result result, Optional<JsonObject> privacy) {
        List<JsonValue> curve = result.curve().stream().map(test -> (JsonValue) Metrics.finite(JsonObject.builder(), "loss", test.loss())
                .put("correct", test.correct()).put("count", test.count()).build()).toList();
        JsonObject.Builder object = JsonObject.builder().put("method", result.method().name()).put("density", result.density())
                .put("accuracy", result.accuracy()).put("accuracyRounds", result.scores().window().rounds())
                .put("accuracyAfterLastRound", result.last().accuracy());
        Metrics.finite(object, "loss", result.last().loss());
        object.put("diverged", result.diverged().isPresent());
        result.diverged().ifPresent(divergence -> object.put("divergence", JsonObject.builder().put("round", divergence.round())
                .put("reason", divergence.reason()).build()));
        result.stopped().ifPresent(stop -> object.put("stopped", JsonObject.builder().put("round", stop.round())
                .put("cause", stop.cause().name()).put("reason", stop.reason()).build()));
        result.scores().best().ifPresent(best -> object.put("best", Metrics.finite(JsonObject.builder().put("round", best.round())
                .put("accuracy", best.test().accuracy()), "loss", best.test().loss()).put("correct", best.test().correct())
                .put("count", best.test().count()).put("judgedBy", best.judgedBy()).build()));
        result.recalibrated().ifPresent(test -> object.put("recalibrated", Metrics.test(test)));
        object.put("costs", Metrics.costs(result.costs())).put("maxDeviceFlops", result.maxDeviceFlops())
                .put("wallSeconds", result.wallSeconds());
        Metrics.finite(object, "roundSeconds", result.times().roundSeconds());
        Metrics.finite(object, "compilationSeconds", result.times().compilationSeconds());
        privacy.ifPresent(spent -> object.put("privacy", spent));
        return object.put("curve", new JsonValue.JsonArray(curve)).build();
    }

    /**
     * Reads the result of a run that is done.
     *
     * @param method the run's method
     * @param window over which its accuracy is wanted
     * @throws DataException if the file is damaged
     */
    static Runner.Result read(RunDirectory directory, Method method, AccuracyWindow window) throws IOException {
        Path file = directory.path().resolve(RunDirectory.RESULT);
        try {
            if (JsonReader.parse(file, JsonLimits.DEFAULT) instanceof JsonObject object) {
                return of(object, method, window);
            }
            throw new DataException(file + " holds no JSON object");
        } catch (JsonException | IllegalArgumentException e) {
            throw new DataException(file + " is damaged: " + FileSignature.describe(file, FileSignature.JSON).orElse(e.getMessage())
                    + "; remove it, and the run's last round will be done again", e);
        }
    }

    private static Runner.Result of(JsonObject object, Method method, AccuracyWindow window) {
        List<TestResult> curve = new ArrayList<>();
        for (JsonValue value : object.array("curve")) {
            if (!(value instanceof JsonObject test)) {
                throw new IllegalArgumentException("'curve' holds something that is no object");
            }
            curve.add(test(test));
        }
        if (curve.isEmpty()) {
            throw new IllegalArgumentException("'curve' is empty");
        }
        Scores scores = new Scores(curve, window, object.find("recalibrated").isEmpty() ? Optional.empty()
                : Optional.of(test(object.object("recalibrated"))), best(object));
        return new Runner.Result(method, object.number("density"), scores, costs(object.object("costs")),
                maxDeviceFlops(object), new RunTimes(object.number("wallSeconds"), known(object, "roundSeconds"),
                known(object, "compilationSeconds")), divergence(object), stop(object));
    }

    private static TestResult test(JsonObject test) {
        double loss = test.find("loss").isPresent() ? test.number("loss") : Double.NaN;
        return new TestResult(loss, Math.toIntExact(test.integer("correct")), Math.toIntExact(test.integer("count")));
    }

    private static Optional<BestModel> best(JsonObject object) {
        return object.find("best").isEmpty() ? Optional.empty()
                : Optional.of(new BestModel(Math.toIntExact(object.object("best").integer("round")), test(object.object("best")),
                        object.object("best").string("judgedBy")));
    }

    private static Optional<EarlyStop> stop(JsonObject object) {
        return object.find("stopped").isEmpty() ? Optional.empty()
                : Optional.of(new EarlyStop(Math.toIntExact(object.object("stopped").integer("round")),
                        EarlyStop.Cause.valueOf(object.object("stopped").string("cause")), object.object("stopped").string("reason")));
    }

    /** A figure that results of earlier releases do not have. */
    private static double known(JsonObject object, String name) {
        return object.find(name).isPresent() ? object.number(name) : Double.NaN;
    }

    /** Runs of version 0.1 name it {@code dearestDeviceFlops}. */
    private static long maxDeviceFlops(JsonObject object) {
        return object.integer(object.find("maxDeviceFlops").isPresent() ? "maxDeviceFlops" : "dearestDeviceFlops");
    }

    private static Optional<Divergence> divergence(JsonObject object) {
        return object.find("divergence").isEmpty() ? Optional.empty()
                : Optional.of(new Divergence(Math.toIntExact(object.object("divergence").integer("round")),
                        object.object("divergence").string("reason")));
    }

    private static Costs costs(JsonObject object) {
        Map<MessageKind, Traffic.Count> counts = new EnumMap<>(MessageKind.class);
        JsonObject messages = object.object("messages");
        for (String kind : messages.members().keySet()) {
            JsonObject count = messages.object(kind);
            counts.put(MessageKind.valueOf(kind.toUpperCase(Locale.ROOT)),
                    new Traffic.Count(count.integer("frames"), count.integer("bytes")));
        }
        return new Costs(new Traffic(counts), object.integer("flops"), Math.round(object.number("seconds") * 1e9));
    }
}

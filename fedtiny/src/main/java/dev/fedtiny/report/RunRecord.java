package dev.fedtiny.report;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.experiment.AccuracyWindow;
import dev.fedtiny.experiment.RunTimes;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.metrics.RoundFigure;
import dev.fedtiny.method.Methods;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a run directory tells: its manifest and the lines of its metrics.
 *
 * @param directory where it lies
 * @param manifest configuration, data and machine
 * @param start the line of the start, empty in a run that was stopped before
 * @param rounds one line a finished round, in order; without members where it is lost
 * @param resumed lines of where it went on otherwise than it began
 * @param events other lines, by their name; the last of each
 * @param state how far it came
 */
record RunRecord(Path directory, JsonObject manifest, Optional<JsonObject> start, List<JsonObject> rounds, List<JsonObject> resumed,
        Map<String, JsonObject> events, RunState state) {
    RunRecord {
        rounds = List.copyOf(rounds);
        resumed = List.copyOf(resumed);
        events = Map.copyOf(events);
    }

    /** The line of an event; one without members where there is none. */
    JsonObject event(String name) {
        return events.getOrDefault(name, JsonObject.builder().build());
    }

    /** Names of the classes; their numbers where the manifest has none. */
    List<String> classNames(int classes) {
        if (manifest.find("data").orElse(null) instanceof JsonObject data
                && data.find("classNames").orElse(null) instanceof JsonValue.JsonArray names && names.values().size() == classes) {
            return names.values().stream().map(JsonMembers::text).toList();
        }
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    /** Over which rounds the run's settings want its accuracy to be the mean. */
    AccuracyWindow window() {
        String rounds = configuration().get(Setting.ACCURACY_ROUNDS.key());
        return rounds == null ? AccuracyWindow.USUAL : new AccuracyWindow(Integer.parseInt(rounds));
    }

    /** What its devices on a network measured; none where they were not. */
    List<TurnCosts> turnCosts() {
        try {
            return TurnCosts.of(directory);
        } catch (IOException e) {
            throw new DataException("what devices measured could not be read: " + IoProblem.describe("", e), e);
        }
    }

    /** How it ended before its last round, where it did. */
    Optional<JsonObject> divergence() {
        return Optional.ofNullable(events.get("diverged"));
    }

    /** The machine's limits, in a metered run; without members otherwise. */
    JsonObject roof() {
        return event("roof");
    }

    /** One object a device process, where devices were processes. */
    List<JsonObject> deviceProcesses() {
        return JsonMembers.objects(event("devices"), "devices");
    }

    /** The seed, as its manifest has it. */
    String seed() {
        return configuration().getOrDefault(Setting.SEED.key(), "?");
    }

    /** On which images its accuracies and losses are. */
    String images() {
        return configuration().getOrDefault(Setting.VALIDATION_IMAGES.key(), "0").equals("0") ? "test images" : "validation images";
    }

    /** After how many rounds, the start not among them, the model was evaluated. */
    long evaluatedRounds() {
        return Arrays.stream(accuracies()).skip(1).filter(Double::isFinite).count();
    }

    /** The run's one accuracy. */
    double accuracy(AccuracyWindow window) {
        return window.of(accuracies());
    }

    /** A figure after the start and after every round. */
    double[] curve(RoundFigure figure) {
        double[] curve = new double[rounds.size() + 1];
        curve[0] = start.map(figure::of).orElse(Double.NaN);
        for (int i = 0; i < rounds.size(); i++) {
            curve[i + 1] = figure.of(rounds.get(i));
        }
        return curve;
    }

    /** Joules since the start after the start and after every round; NaN from where the system did not tell. */
    double[] joules() {
        double[] joules = new double[rounds.size() + 1];
        joules[0] = start.map(s -> JsonMembers.number(s, "joules")).orElse(Double.NaN);
        for (int i = 0; i < rounds.size(); i++) {
            joules[i + 1] = joules[i] + JsonMembers.number(rounds.get(i), "joules");
        }
        return joules;
    }

    /** The settings, by key. */
    Map<String, String> configuration() {
        return strings("configuration");
    }

    /** Keys of settings that the run said its method does not look at. */
    List<String> unused() {
        return manifest.find("unused").orElse(null) instanceof JsonValue.JsonArray keys
                ? keys.values().stream().map(JsonMembers::text).toList() : List.of();
    }

    /** Texts of one part of the manifest, in its order. */
    Map<String, String> strings(String part) {
        Map<String, String> strings = new LinkedHashMap<>();
        if (manifest.find(part).orElse(null) instanceof JsonObject object) {
            object.members().forEach((key, value) -> strings.put(key, JsonMembers.text(value)));
        }
        return strings;
    }

    /** What a fact of the manifest was at the beginning, and each time it was another since; empty where nothing says it. */
    List<String> everSaid(String part, String name) {
        return Stream.concat(Stream.of(manifest), resumed.stream())
                .flatMap(said -> said.find(part).stream()).filter(JsonObject.class::isInstance).map(JsonObject.class::cast)
                .flatMap(said -> said.find(name).stream()).map(JsonMembers::text).distinct().toList();
    }

    /** A text of a part of the manifest; empty where there is none. */
    Optional<String> said(String part, String name) {
        return manifest.find(part).orElse(null) instanceof JsonObject object ? object.find(name).map(JsonMembers::text) : Optional.empty();
    }

    /** The method's key. */
    String method() {
        return configuration().getOrDefault(Setting.METHOD.key(), "?");
    }

    /** Whether it is dense training, which all methods are compared with. */
    boolean isBaseline() {
        return method().equals(Methods.BASELINE);
    }

    /** The line of the start, without members where there is none, and then those of the rounds. */
    List<JsonObject> lines() {
        List<JsonObject> lines = new ArrayList<>();
        lines.add(start.orElse(JsonObject.builder().build()));
        lines.addAll(rounds);
        return lines;
    }

    /** How many rounds have no line, because the file was lost or damaged while the run went on. */
    long lostRounds() {
        return rounds.stream().filter(round -> round.members().isEmpty()).count();
    }

    /** A figure of the line of the last round; NaN where there is none. */
    double last(String... path) {
        return rounds.isEmpty() ? Double.NaN : JsonMembers.number(rounds.getLast(), path);
    }

    /** FLOPs of the device that had most to do in a round; runs of version 0.1 name it {@code dearestDeviceFlops}. */
    static double maxDeviceFlops(JsonObject round) {
        return JsonMembers.number(round, round.find("maxDeviceFlops").isPresent() ? "maxDeviceFlops" : "dearestDeviceFlops");
    }

    /** FLOPs of the most expensive round of one device; NaN where no round says it. */
    double maxDeviceFlops() {
        return rounds.stream().mapToDouble(RunRecord::maxDeviceFlops).filter(Double::isFinite).max().orElse(Double.NaN);
    }

    /** Seconds of the median round; NaN where no round says it. */
    double roundSeconds() {
        return RunTimes.median(rounds.stream().mapToDouble(round -> JsonMembers.number(round, "costs", "seconds")));
    }

    /** Accuracy of the last model with running statistics that devices measured; NaN where they did not. */
    double recalibratedAccuracy() {
        return JsonMembers.number(event("recalibrated"), "accuracy");
    }

    /** Test accuracy after the start and after every round. */
    double[] accuracies() {
        double[] accuracies = new double[rounds.size() + 1];
        accuracies[0] = start.map(s -> JsonMembers.number(s, "accuracy")).orElse(Double.NaN);
        for (int i = 0; i < rounds.size(); i++) {
            accuracies[i + 1] = JsonMembers.number(rounds.get(i), "accuracy");
        }
        return accuracies;
    }

    /**
     * A cost summed up from the start on, pretraining and the choice of the mask included: one value after the start and one after every
     * round.
     */
    double[] spent(Cost cost) {
        double[] spent = new double[rounds.size() + 1];
        spent[0] = start.map(s -> cost.of(s, "pretraining") + Stream.of("selection", "scoring").filter(part -> s.find(part).isPresent())
                .mapToDouble(part -> cost.of(s.object(part), "costs")).sum()).orElse(0.0);
        for (int i = 0; i < rounds.size(); i++) {
            spent[i + 1] = spent[i] + cost.of(rounds.get(i), "costs");
        }
        return spent;
    }

    /** Bytes sent both ways, summed up as {@link #spent} does. */
    double[] sent() {
        double[] both = spent(Cost.BYTES_DOWN);
        double[] up = spent(Cost.BYTES_UP);
        Arrays.setAll(both, i -> both[i] + up[i]);
        return both;
    }

    /** What everything took together, a measurement behind the last round included. */
    double total(Cost cost) {
        double[] spent = spent(cost);
        return spent[spent.length - 1] + cost.of(event("recalibrated"), "costs");
    }

    /** What something can cost. */
    enum Cost {
        /** Exact count. */
        FLOPS("flops"),
        /** Server to devices. */
        BYTES_DOWN("bytesDown"),
        /** Devices to server. */
        BYTES_UP("bytesUp"),
        /** Measured wall time. */
        SECONDS("seconds");

        private final String key;

        Cost(String key) {
            this.key = key;
        }

        private double of(JsonObject object, String part) {
            double value = JsonMembers.number(object, part, key);
            return Double.isNaN(value) ? 0 : value;
        }
    }

    /** Bytes of every kind of message over the whole run. */
    Map<String, Double> bytesByKind() {
        Map<String, Double> bytes = new LinkedHashMap<>();
        start.flatMap(s -> s.find("selection")).filter(JsonObject.class::isInstance).map(JsonObject.class::cast).ifPresent(s -> add(bytes,
                s));
        rounds.forEach(round -> add(bytes, round));
        add(bytes, event("recalibrated"));
        return bytes;
    }

    private static void add(Map<String, Double> bytes, JsonObject holder) {
        if (holder.find("costs").orElse(null) instanceof JsonObject costs && costs.find("messages")
                .orElse(null) instanceof JsonObject messages) {
            messages.members().keySet().forEach(kind -> bytes.merge(kind, JsonMembers.number(messages, kind, "bytes"), Double::sum));
        }
    }
}

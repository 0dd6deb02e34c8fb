package dev.fedtiny.report;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.experiment.AccuracyWindow;
import dev.fedtiny.experiment.Program;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.experiment.metrics.MetricsFormat;
import dev.fedtiny.experiment.metrics.RoundFigure;
import dev.fedtiny.settings.Numbers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
    /** More than any run's file: what is larger is none. */
    private static final long MOST_BYTES = 1L << 30;
    /** Rounds that a line may say are lost where the manifest does not say how many there were. */
    private static final int MOST_LOST = 1_000_000;

    RunRecord {
        rounds = List.copyOf(rounds);
        resumed = List.copyOf(resumed);
        events = Map.copyOf(events);
    }

    /** A directory holds a run when it has a manifest. */
    static boolean isRun(Path directory) {
        return Files.isRegularFile(directory.resolve("manifest.json"));
    }

    /**
     * Reads a directory. A last line that was cut off by a crash is left out.
     *
     * @throws DataException if there is no run, or a file is damaged
     */
    static RunRecord read(Path directory) throws IOException {
        if (!isRun(directory)) {
            throw new DataException("'" + directory + "' holds no run, nor is it a folder of runs: neither it nor a folder in it has a "
                    + "manifest.json; give directories that 'run' or 'sweep' has written");
        }
        JsonObject manifest = object(directory.resolve("manifest.json"));
        Optional<String> form = manifest.find("format").map(RunRecord::text);
        if (form.isPresent() && !form.get().equals(RunDirectory.MANIFEST_FORMAT)) {
            throw new DataException("'" + directory.resolve("manifest.json") + "' is of the form '" + form.get() + "', this release reads '"
                    + RunDirectory.MANIFEST_FORMAT + "' and the one before it; report on it with the release that wrote it");
        }
        double wanted = setting(directory, manifest, "rounds", 1);
        double mostLost = setting(directory, manifest, "rounds", MOST_LOST);
        setting(directory, manifest, "accuracy-rounds", 1);
        Path metrics = directory.resolve("metrics.jsonl");
        LineShape shape = new LineShape(metrics.toString());
        Optional<JsonObject> start = Optional.empty();
        List<JsonObject> rounds = new ArrayList<>();
        List<JsonObject> resumed = new ArrayList<>();
        Map<String, JsonObject> events = new LinkedHashMap<>();
        if (Files.isRegularFile(metrics)) {
            String text = text(metrics);
            String whole = text.substring(0, text.lastIndexOf('\n') + 1);
            MetricsFormat format = null;
            int number = 0;
            for (String line : whole.lines().toList()) {
                number++;
                JsonObject written = object(metrics, " in line " + number, line);
                format = format == null ? format(metrics, written) : format;
                JsonObject entry = format.current(written);
                shape.check(entry, mostLost);
                String event = entry.find("event").map(RunRecord::text).orElse("");
                switch (event) {
                    case "init" -> start = Optional.of(entry);
                    case "round" -> rounds.add(entry);
                    case "resumed" -> resumed.add(entry);
                    case "lost" -> {
                        while (rounds.size() < number(entry, "roundsDone")) {
                            rounds.add(JsonObject.builder().build());
                        }
                    }
                    default -> events.put(event, entry);
                }
            }
        }
        WrittenResult.check(directory, metrics, start, rounds);
        return new RunRecord(directory, manifest, start, rounds, resumed, events, state(directory, wanted, rounds, events));
    }

    /** A setting that is a number of at least 1; where the manifest has none, another. */
    private static double setting(Path directory, JsonObject manifest, String key, double usual) {
        if (!(manifest.find("configuration").orElse(null) instanceof JsonObject configuration) || configuration.find(key).isEmpty()) {
            return usual;
        }
        String text = text(configuration.get(key));
        return new Numbers.Whole(1, Numbers.MOST_WHOLE, "rounds").read(text).orElseThrow(() -> new DataException("'"
                + directory.resolve("manifest.json") + "' is damaged: the setting " + key + " is '" + text
                + "', expected a whole number of at least 1"));
    }

    /** Runs right inside a directory, by name: all those of a sweep, or the baseline of a run. */
    static List<Path> runsIn(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(directory)) {
            return inside.filter(RunRecord::isRun).sorted().toList();
        }
    }

    /**
     * Done where it says so, or has all the rounds it was to have: results may be copied without {@code result.json}. One whose last round
     * went back diverges in it, and was killed before it could say so.
     */
    private static RunState state(Path directory, double wanted, List<JsonObject> rounds, Map<String, JsonObject> events) {
        if (events.containsKey("diverged")) {
            return RunState.DIVERGED;
        }
        boolean all = rounds.size() >= wanted && objectsOf(rounds.getLast(), "wentBack").isEmpty();
        return events.containsKey("stopped") || Files.isRegularFile(directory.resolve("result.json")) || all ? RunState.DONE
                : RunState.UNFINISHED;
    }

    /** The line of an event; one without members where there is none. */
    JsonObject event(String name) {
        return events.getOrDefault(name, JsonObject.builder().build());
    }

    /** Names of the classes; their numbers where the manifest has none. */
    List<String> classNames(int classes) {
        if (manifest.find("data").orElse(null) instanceof JsonObject data
                && data.find("classNames").orElse(null) instanceof JsonValue.JsonArray names && names.values().size() == classes) {
            return names.values().stream().map(RunRecord::text).toList();
        }
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    /** Over which rounds the run's settings want its accuracy to be the mean. */
    AccuracyWindow window() {
        String rounds = configuration().get("accuracy-rounds");
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
        return objects(event("devices"), "devices");
    }

    /** The seed, as its manifest has it. */
    String seed() {
        return configuration().getOrDefault("seed", "?");
    }

    /** On which images its accuracies and losses are. */
    String images() {
        return configuration().getOrDefault("validation-images", "0").equals("0") ? "test images" : "validation images";
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

    /** Numbers of an array; null is NaN, and it is empty when it is not there. */
    static double[] numbers(JsonObject object, String name) {
        return object.find(name).filter(JsonValue.JsonArray.class::isInstance).map(array -> numbers((JsonValue.JsonArray) array))
                .orElse(new double[0]);
    }

    static double[] numbers(JsonValue.JsonArray array) {
        return array.values().stream().mapToDouble(value -> value instanceof JsonValue.JsonNumber number ? number.toDouble() : Double.NaN)
                .toArray();
    }

    /**
     * Reads one object from a file.
     *
     * @throws DataException if it holds none
     */
    static JsonObject profile(Path file) throws IOException {
        JsonObject profile = object(file);
        if (profile.find("measured").isEmpty()) {
            throw new DataException("'" + file + "' holds no profile; give what '" + Program.command("profile", "--json") + "' printed");
        }
        LineShape.checkProfile(file.toString(), profile);
        return profile;
    }

    private static MetricsFormat format(Path file, JsonObject first) {
        try {
            return MetricsFormat.of(first);
        } catch (JsonException | DataException e) {
            throw new DataException("'" + file + "': " + e.getMessage(), e);
        }
    }

    private static String text(Path file) throws IOException {
        if (!Files.isDirectory(file) && Files.size(file) > MOST_BYTES) {
            throw new DataException("'" + file + "' has " + Files.size(file) + " bytes, at most " + MOST_BYTES + " are read");
        }
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw IoProblem.named(file, e);
        }
    }

    /** A file that is an object. */
    static JsonObject object(Path file) throws IOException {
        return object(file, "", text(file));
    }

    private static JsonObject object(Path file, String where, String text) {
        try {
            if (JsonReader.parse(text) instanceof JsonObject object) {
                return object;
            }
        } catch (JsonException e) {
            throw new DataException("'" + file + "' is damaged" + where + ": "
                    + FileSignature.describe(file, FileSignature.JSON).orElse(e.getMessage()), e);
        }
        throw new DataException("'" + file + "' is damaged" + where + ": expected an object");
    }

    /** A text, a number or a switch as it stands in a file. */
    static String text(JsonValue value) {
        return switch (value) {
            case JsonValue.JsonString string -> string.value();
            case JsonValue.JsonNumber number -> number.text();
            default -> JsonWriter.compact(value);
        };
    }

    /** A number of an object; NaN when it is not there. */
    static double number(JsonObject object, String... path) {
        JsonValue value = object;
        for (String name : path) {
            value = value instanceof JsonObject inner ? inner.find(name).orElse(null) : null;
        }
        return value instanceof JsonValue.JsonNumber number ? number.toDouble() : Double.NaN;
    }

    /** Members of an array of objects; empty when it is not there. */
    static List<JsonObject> objects(JsonObject object, String name) {
        return object.find(name).filter(JsonValue.JsonArray.class::isInstance).map(JsonValue.JsonArray.class::cast)
                .map(array -> array.values().stream().filter(JsonObject.class::isInstance).map(JsonObject.class::cast).toList())
                        .orElse(List.of());
    }

    /** A member that is an object, as a list; empty when it is not there. */
    static List<JsonObject> objectsOf(JsonObject object, String name) {
        return object.find(name).filter(JsonObject.class::isInstance).map(JsonObject.class::cast).map(List::of).orElse(List.of());
    }

    /** Joules since the start after the start and after every round; NaN from where the system did not tell. */
    double[] joules() {
        double[] joules = new double[rounds.size() + 1];
        joules[0] = start.map(s -> number(s, "joules")).orElse(Double.NaN);
        for (int i = 0; i < rounds.size(); i++) {
            joules[i + 1] = joules[i] + number(rounds.get(i), "joules");
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
                ? keys.values().stream().map(RunRecord::text).toList() : List.of();
    }

    /** Texts of one part of the manifest, in its order. */
    Map<String, String> strings(String part) {
        Map<String, String> strings = new LinkedHashMap<>();
        if (manifest.find(part).orElse(null) instanceof JsonObject object) {
            object.members().forEach((key, value) -> strings.put(key, text(value)));
        }
        return strings;
    }

    /** What a fact of the manifest was at the beginning, and each time it was another since; empty where nothing says it. */
    List<String> everSaid(String part, String name) {
        return Stream.concat(Stream.of(manifest), resumed.stream())
                .flatMap(said -> said.find(part).stream()).filter(JsonObject.class::isInstance).map(JsonObject.class::cast)
                .flatMap(said -> said.find(name).stream()).map(RunRecord::text).distinct().toList();
    }

    /** A text of a part of the manifest; empty where there is none. */
    Optional<String> said(String part, String name) {
        return manifest.find(part).orElse(null) instanceof JsonObject object ? object.find(name).map(RunRecord::text) : Optional.empty();
    }

    /** The method's key. */
    String method() {
        return configuration().getOrDefault("method", "?");
    }

    /** How many rounds have no line, because the file was lost or damaged while the run went on. */
    long lostRounds() {
        return rounds.stream().filter(round -> round.members().isEmpty()).count();
    }

    /** A figure of the line of the last round; NaN where there is none. */
    double last(String... path) {
        return rounds.isEmpty() ? Double.NaN : number(rounds.getLast(), path);
    }

    /** FLOPs of the device that had most to do in a round; runs of version 0.1 name it {@code dearestDeviceFlops}. */
    static double maxDeviceFlops(JsonObject round) {
        return number(round, round.find("maxDeviceFlops").isPresent() ? "maxDeviceFlops" : "dearestDeviceFlops");
    }

    /** Test accuracy after the start and after every round. */
    double[] accuracies() {
        double[] accuracies = new double[rounds.size() + 1];
        accuracies[0] = start.map(s -> number(s, "accuracy")).orElse(Double.NaN);
        for (int i = 0; i < rounds.size(); i++) {
            accuracies[i + 1] = number(rounds.get(i), "accuracy");
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
            double value = number(object, part, key);
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
            messages.members().keySet().forEach(kind -> bytes.merge(kind, number(messages, kind, "bytes"), Double::sum));
        }
    }
}

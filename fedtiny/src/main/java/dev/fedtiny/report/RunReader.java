package dev.fedtiny.report;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.experiment.Program;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.metrics.MetricsFormat;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds run directories, and reads what they hold. */
final class RunReader {
    /** More than any run's file: what is larger is none. */
    private static final long MOST_BYTES = 1L << 30;
    /** Rounds that a line may say are lost where the manifest does not say how many there were. */
    private static final int MOST_LOST = 1_000_000;

    private RunReader() {
    }

    /** A directory holds a run when it has a manifest. */
    static boolean isRun(Path directory) {
        return Files.isRegularFile(directory.resolve(RunDirectory.MANIFEST));
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
        JsonObject manifest = object(directory.resolve(RunDirectory.MANIFEST));
        Optional<String> form = manifest.find("format").map(JsonMembers::text);
        if (form.isPresent() && !form.get().equals(RunDirectory.MANIFEST_FORMAT)) {
            throw new DataException("'" + directory.resolve(RunDirectory.MANIFEST) + "' is of the form '" + form.get()
                    + "', this release reads '" + RunDirectory.MANIFEST_FORMAT + "' and the one before it; report on it with the release "
                    + "that wrote it");
        }
        double wanted = setting(directory, manifest, Setting.ROUNDS, 1);
        double mostLost = setting(directory, manifest, Setting.ROUNDS, MOST_LOST);
        setting(directory, manifest, Setting.ACCURACY_ROUNDS, 1);
        Path metrics = directory.resolve(RunDirectory.METRICS);
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
                String event = entry.find("event").map(JsonMembers::text).orElse("");
                switch (event) {
                    case "init" -> start = Optional.of(entry);
                    case "round" -> rounds.add(entry);
                    case "resumed" -> resumed.add(entry);
                    case "lost" -> {
                        while (rounds.size() < JsonMembers.number(entry, "roundsDone")) {
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
    private static double setting(Path directory, JsonObject manifest, SettingSpec<?> setting, double usual) {
        String key = setting.key();
        if (!(manifest.find("configuration").orElse(null) instanceof JsonObject configuration) || configuration.find(key).isEmpty()) {
            return usual;
        }
        String text = JsonMembers.text(configuration.get(key));
        return new Numbers.Whole(1, Numbers.MOST_WHOLE, "rounds").read(text).orElseThrow(() -> new DataException("'"
                + directory.resolve(RunDirectory.MANIFEST) + "' is damaged: the setting " + key + " is '" + text
                + "', expected a whole number of at least 1"));
    }

    /** Runs right inside a directory, by name: all those of a sweep, or the baseline of a run. */
    static List<Path> runsIn(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(directory)) {
            return inside.filter(RunReader::isRun).sorted().toList();
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
        boolean all = rounds.size() >= wanted && JsonMembers.object(rounds.getLast(), "wentBack").isEmpty();
        return events.containsKey("stopped") || Files.isRegularFile(directory.resolve(RunDirectory.RESULT)) || all ? RunState.DONE
                : RunState.UNFINISHED;
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
}

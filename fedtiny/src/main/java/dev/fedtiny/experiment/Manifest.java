package dev.fedtiny.experiment;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.DatasetKind;
import dev.fedtiny.data.Normalization;
import dev.fedtiny.data.Sha256;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonValue.JsonArray;
import dev.fedtiny.engine.internal.json.JsonValue.JsonBoolean;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNumber;
import dev.fedtiny.engine.internal.json.JsonValue.JsonString;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.method.Methods;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run was started with: program, command, all settings, hashes and figures of its images, machine. A run can be resumed from it
 * alone. Numbers are numbers and switches are switches; the first release's manifests, which have no {@code format}, hold texts only and
 * are read too.
 *
 * @param object as in the file
 */
record Manifest(JsonObject object) {
    /** What manifests of this release say they are. */
    static final String FORMAT = RunDirectory.MANIFEST_FORMAT;

    private static final String FUSED = "fused-multiply-add";
    /** Facts of the machine that times depend on. */
    private static final List<String> PACE = List.of("processor", "processors", "java", "java-options", "kernels");
    /** Settings that times depend on and results do not. */
    private static final List<SettingSpec<?>> PACE_SETTINGS = List.of(Setting.THREADS, Setting.SLOTS, Setting.DEVICES_ON,
            Setting.DEVICE_PROCESSES, Setting.METER);

    /** The manifest of a run that starts now and here. */
    static Manifest of(Experiment experiment, TrainTest images) {
        List<SettingSpec<?>> unused = SettingIndex.unused(experiment.provider());
        JsonObject.Builder configuration = JsonObject.builder();
        for (SettingSpec<?> setting : SettingIndex.all()) {
            boolean dense = setting == Setting.DENSITY && unused.contains(setting);
            configuration.put(setting.key(), dense ? JsonValue.of(1) : typed(setting, experiment.text(setting)));
        }
        JsonObject.Builder forms = JsonObject.builder().put("choice", experiment.text(Setting.FORMATS));
        experiment.formats().hash().ifPresent(hash -> forms.put("tableSha256", hash));
        JsonObject.Builder initial = JsonObject.builder();
        experiment.initialModel()
                .ifPresent(model -> initial.put("file", model.file().toString()).put("sha256", model.hash()));
        JsonObject.Builder manifest = JsonObject.builder().put("format", FORMAT).put("program", program())
                .put("command", JsonArray.ofStrings(CommandLine.current())).put("started", Instant.now().toString())
                .put("configuration", configuration.build())
                .put("unused", JsonArray.ofStrings(unused.stream().map(SettingSpec::key).toList()))
                .put("seed", experiment.get(Setting.SEED)).put("formats", forms.build()).put("data", data(images))
                .put("init", initial.build());
        experiment.partitionFile().ifPresent(file -> manifest.put("partition", JsonObject.builder().put("file", file.toString())
                .put("sha256", ContentHash.of(Setting.PARTITION_FILE, file)).build()));
        experiment.noise().ifPresent(_ -> manifest.put("repeatable", false)
                .put("why", "noise of differential privacy and who takes part come from secure random numbers, never from the seed"));
        return new Manifest(manifest.put("machine", Machine.json()).build());
    }

    private static JsonObject program() {
        return JsonObject.builder().put("version", BuildInfo.get().version()).put("commit", BuildInfo.get().commit()).build();
    }

    private static JsonObject data(TrainTest images) {
        Normalization figures = images.train().normalization();
        return JsonObject.builder().put("train", images.train().toString()).put("trainHash", images.train().contentHash())
                .put("test", images.test().toString()).put("testHash", images.test().contentHash())
                .put("kind", images.train().kind().key())
                .put("classes", images.train().classes()).put("classNames", JsonArray.ofStrings(images.train().classNames()))
                .put("normalization", JsonObject.builder().put("name", figures.name()).put("mean", numbers(figures.mean()))
                        .put("standardDeviation", numbers(figures.standardDeviation())).build())
                .put("hash", hash(images)).build();
    }

    private static JsonArray numbers(List<Double> values) {
        return new JsonArray(values.stream().map(JsonValue::of).toList());
    }

    /** SHA-256 of all that training sees of the images: their hashes, what they are taken for, and the figures they are normalised by. */
    private static String hash(TrainTest images) {
        String all = images.train().contentHash() + '\n' + images.test().contentHash() + '\n' + images.train().kind().key() + '\n'
                + images.train().normalization().mean() + '\n' + images.train().normalization().standardDeviation() + '\n';
        return Sha256.of(all.getBytes(StandardCharsets.UTF_8));
    }

    /** A setting as JSON has it: a number or a switch where its text is one; paths are texts, whatever they look like. */
    private static JsonValue typed(SettingSpec<?> setting, String text) {
        if (setting.isVerbatim()) {
            return JsonValue.of(text);
        }
        if (text.equals("true") || text.equals("false")) {
            return JsonValue.of(Boolean.parseBoolean(text));
        }
        try {
            return new JsonNumber(text);
        } catch (IllegalArgumentException e) {
            return JsonValue.of(text);
        }
    }

    /** The text of a setting or a fact, whatever form it has. */
    private static String text(JsonObject part, String name) {
        return switch (part.get(name)) {
            case JsonNumber number -> number.text();
            case JsonBoolean bool -> Boolean.toString(bool.value());
            default -> part.string(name);
        };
    }

    /**
     * Reads a run directory's manifest.
     *
     * @throws DataException if there is none or it is none
     */
    static Manifest read(Path directory) throws IOException {
        Path file = directory.resolve(RunDirectory.MANIFEST);
        if (!Files.isRegularFile(file)) {
            throw new DataException("'" + directory + "' is no run directory: it has no " + RunDirectory.MANIFEST
                    + "; if a run stopped before it wrote one, remove the directory and start again");
        }
        try {
            if (JsonReader.parse(file, JsonLimits.DEFAULT) instanceof JsonObject object) {
                if (object.find("format").isPresent() && !object.string("format").equals(FORMAT)) {
                    throw new IllegalArgumentException("its format is '" + object.string("format") + "', expected '" + FORMAT
                            + "'; go on with the release that wrote it");
                }
                Manifest manifest = new Manifest(object);
                manifest.settings();
                manifest.beginning();
                return manifest;
            }
            throw new DataException(file + " holds no JSON object");
        } catch (JsonException | IllegalArgumentException e) {
            throw new DataException(file + " is no manifest of this release: "
                    + FileSignature.describe(file, FileSignature.JSON).orElse(e.getMessage()), e);
        }
    }

    private Map<SettingSpec<?>, String> settings() {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        JsonObject configuration = object.object("configuration");
        // A method that was there when the run began, and that it did not use, need not be there now.
        List<String> unused = object.find("unused").isPresent() ? strings(object.array("unused")) : List.of();
        for (Map.Entry<String, JsonValue> entry : configuration.members().entrySet()) {
            if (unused.contains(entry.getKey()) && !SettingIndex.keys().contains(entry.getKey())) {
                continue;
            }
            SettingSpec<?> setting = SettingIndex.of(entry.getKey());
            String text = text(configuration, entry.getKey());
            // Nor need the fleet be there on which its devices were: results do not depend on it.
            if (setting != Setting.DEVICES_ON || FleetProviders.find(text).isPresent()) {
                settings.put(setting, text);
            }
        }
        return settings;
    }

    /** Looks at all that a run which goes on is compared with, so that none of it is missing when that is done. */
    private void beginning() {
        JsonObject data = object.object("data");
        List.of("train", "trainHash", "testHash").forEach(data::string);
        if (data.find("normalization").isPresent()) {
            data.string("kind");
            List.of("mean", "standardDeviation").forEach(data.object("normalization")::array);
        }
        text(object.object("machine"), FUSED);
        if (object.find("program").isPresent()) {
            List.of("version", "commit").forEach(object.object("program")::string);
        }
        if (object.find("partition").isPresent()) {
            object.object("partition").string("sha256");
        }
        if (object.find("init").isPresent() && object.object("init").find("sha256").isPresent()) {
            object.object("init").string("sha256");
        }
        if (object.find("extended").isPresent()) {
            object.array("extended");
        }
    }

    private static List<String> strings(List<JsonValue> values) {
        return values.stream().map(value -> value instanceof JsonString string ? string.value() : "").toList();
    }

    /** The same run with another end, which is noted beside what it was. */
    Manifest endingAs(Experiment experiment) {
        List<String> keys = RunExtension.SETTINGS.stream().map(SettingSpec::key).toList();
        JsonObject.Builder configuration = JsonObject.builder();
        object.object("configuration").members().forEach((key, value) -> {
            if (!keys.contains(key)) {
                configuration.put(key, value);
            }
        });
        JsonObject.Builder change = JsonObject.builder().put("at", Instant.now().toString())
                .put("command", JsonArray.ofStrings(CommandLine.current()));
        for (SettingSpec<?> setting : RunExtension.SETTINGS) {
            change.put(setting.key(), typed(setting, experiment.text(setting)));
            configuration.put(setting.key(), typed(setting, experiment.text(setting)));
        }
        List<JsonValue> changes = new ArrayList<>(object.find("extended").isPresent() ? object.array("extended") : List.of());
        changes.add(change.build());
        JsonObject.Builder all = JsonObject.builder();
        object.members().forEach((name, value) -> {
            if (!name.equals("extended")) {
                all.put(name, name.equals("configuration") ? configuration.build() : value);
            }
        });
        return new Manifest(all.put("extended", new JsonArray(changes)).build());
    }

    /** The experiment that was started. */
    Experiment experiment() {
        Map<SettingSpec<?>, String> settings = settings();
        // The first release took images for a set by their form; to go on with the same bits is to say so.
        if (!settings.containsKey(Setting.DATASET)) {
            takenFor().ifPresent(kind -> settings.put(Setting.DATASET, kind.key()));
        }
        return Experiment.of(settings);
    }

    /** What the images of a manifest of the first release were taken for. */
    private Optional<DatasetKind> takenFor() {
        String train = object.object("data").string("train");
        return Arrays.stream(DatasetKind.values()).filter(kind -> train.startsWith(kind.title() + ",")).findFirst();
    }

    /**
     * Checks that an experiment is the one that was started.
     *
     * @throws IllegalArgumentException if settings differ other than those that a run may change
     */
    void checkSettings(Path directory, Experiment experiment) {
        Map<SettingSpec<?>, String> settings = settings();
        List<SettingSpec<?>> unused = SettingIndex.unused(
                Methods.find(settings.getOrDefault(Setting.METHOD, "")).orElse(experiment.provider()));
        for (Map.Entry<SettingSpec<?>, String> entry : settings.entrySet()) {
            String now = experiment.text(entry.getKey());
            boolean matters = !entry.getKey().isChangeable() && !unused.contains(entry.getKey());
            if (matters && !typed(entry.getKey(), now).equals(typed(entry.getKey(), entry.getValue()))) {
                throw new IllegalArgumentException("'" + directory + "' belongs to a run with " + entry.getKey().key() + " = "
                        + entry.getValue() + ", not " + now + "; give another directory, or the same settings"
                        + (RunExtension.SETTINGS.contains(entry.getKey()) ? ", or this run another end first: "
                                + Program.command("run", "--resume", directory.toString(), "--set", entry.getKey().key() + "=" + now)
                                : ""));
            }
        }
    }

    /**
     * Checks that these images, here, give the bits of the run that was started.
     *
     * @throws IllegalArgumentException if this machine computes other bits
     * @throws DataException if the images are not the same
     */
    void checkImages(Path directory, TrainTest images) {
        JsonObject data = object.object("data");
        check(directory, "training", data.string("trainHash"), images.train().contentHash());
        check(directory, "test", data.string("testHash"), images.test().contentHash());
        checkFigures(directory, data, images);
        String fused = text(object.object("machine"), FUSED);
        if (!fused.equals(Machine.facts().get(FUSED))) {
            throw new IllegalArgumentException("the run in '" + directory + "' began on a machine whose fused multiply-add is " + fused
                    + ", here it is " + Machine.facts().get(FUSED) + ": the bits would differ; go on there, or start anew");
        }
    }

    /**
     * Checks that the files that the run began with are still the same: its model, as its network is read from it, and its split.
     *
     * @throws DataException if one is not, or cannot be read
     */
    void checkFiles(Path directory, Experiment experiment) {
        checkInitialModel(directory, experiment);
        Optional<String> split = object.find("partition").isPresent() ? Optional.of(object.object("partition").string("sha256"))
                : Optional.empty();
        Optional<String> now = experiment.partitionFile().map(file -> ContentHash.of(Setting.PARTITION_FILE, file));
        // Manifests of earlier releases do not have it.
        if (split.isPresent() && !split.equals(now)) {
            throw new DataException("the run in '" + directory + "' began with a split of SHA-256 " + split.get() + ", partition-file = "
                    + experiment.text(Setting.PARTITION_FILE) + " has " + now.orElse("none") + "; give the file that it began with");
        }
    }

    private void checkInitialModel(Path directory, Experiment experiment) {
        Optional<String> then = object.find("init").isPresent() && object.object("init").find("sha256").isPresent()
                ? Optional.of(object.object("init").string("sha256")) : Optional.empty();
        Optional<String> now = experiment.initialModel().map(InitialModel::hash);
        if (!then.equals(now)) {
            throw new DataException("the run in '" + directory + "' began with a model of SHA-256 " + then.orElse("none") + ", init = "
                    + experiment.text(Setting.INIT) + " has " + now.orElse("none") + "; give the file that it began with");
        }
    }

    /** A sentence where another program began the run than goes on with it: then the bits are those of neither alone. */
    Optional<String> otherProgram() {
        if (object.find("program").isEmpty()) {
            return Optional.of("the run was begun by an earlier release than this one (" + BuildInfo.get()
                    + "): where they compute differently, its bits are not those of a run never interrupted");
        }
        JsonObject program = object.object("program");
        BuildInfo then = new BuildInfo(program.string("version"), program.string("commit"));
        return then.equals(BuildInfo.get()) ? Optional.empty()
                : Optional.of("the run was begun by another build (" + then + ") than this one (" + BuildInfo.get()
                        + "): where they compute differently, its bits are not those of a run never interrupted");
    }

    /**
     * What is otherwise here than where the run began, of all that its times depend on: members of {@code program}, {@code machine} and
     * {@code configuration} as they are here, those alone that differ.
     *
     * @return by part; empty where all is as it was
     */
    Map<String, JsonObject> otherwise(Experiment experiment) {
        Map<String, JsonObject> parts = new LinkedHashMap<>();
        JsonObject now = program();
        differing(object.find("program").orElse(null), now, now.members().keySet()).ifPresent(part -> parts.put("program", part));
        differing(object.get("machine"), Machine.json(), PACE).ifPresent(part -> parts.put("machine", part));
        JsonObject.Builder settings = JsonObject.builder();
        PACE_SETTINGS.forEach(setting -> settings.put(setting.key(), typed(setting, experiment.text(setting))));
        differing(object.get("configuration"), settings.build(), PACE_SETTINGS.stream().map(SettingSpec::key).toList())
                .ifPresent(part -> parts.put("configuration", part));
        return parts;
    }

    /** Members that are another thing now; what was not said then counts as the same. */
    private static Optional<JsonObject> differing(JsonValue then, JsonObject now, Collection<String> names) {
        JsonObject.Builder others = JsonObject.builder();
        for (String name : names) {
            if (then instanceof JsonObject before && before.find(name).isPresent() && !text(before, name).equals(text(now, name))) {
                others.put(name, now.get(name));
            }
        }
        return Optional.of(others.build()).filter(part -> !part.members().isEmpty());
    }

    private void checkFigures(Path directory, JsonObject data, TrainTest images) {
        String now = images.train().kind().key() + ", " + images.train().normalization().mean() + " and "
                + images.train().normalization().standardDeviation();
        String then = now;
        if (data.find("normalization").isPresent()) {
            JsonObject figures = data.object("normalization");
            then = data.string("kind") + ", " + doubles(figures, "mean") + " and " + doubles(figures, "standardDeviation");
        } else if (takenFor().isPresent() && takenFor().get() != images.train().kind()) {
            then = takenFor().get().key();
        }
        if (!then.equals(now)) {
            throw new DataException("the run in '" + directory + "' began with its images taken for " + then
                    + " (kind, mean and deviation), "
                    + "these are taken for " + now + "; give the same images and the same dataset");
        }
    }

    private static List<Double> doubles(JsonObject figures, String name) {
        return figures.array(name).stream().map(value -> value instanceof JsonNumber number ? number.toDouble() : Double.NaN).toList();
    }

    private static void check(Path directory, String what, String then, String now) {
        if (!then.equals(now)) {
            throw new DataException("the run in '" + directory + "' began with " + what + " images of hash " + then + ", these have "
                    + now + "; give the same images with --set data=DIR");
        }
    }
}

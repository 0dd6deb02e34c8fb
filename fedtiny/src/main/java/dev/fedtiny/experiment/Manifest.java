package dev.fedtiny.experiment;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * What a run was started with: all settings, hashes of its images, machine. A run can be resumed from it alone.
 *
 * @param object as in the file
 */
record Manifest(JsonObject object) {
    /** Settings that results do not depend on, and where the images lie: these may differ when a run is resumed. */
    static final Set<Setting> FREE = Set.of(Setting.DATA, Setting.FORMATS, Setting.METER, Setting.THREADS, Setting.SLOTS,
            Setting.CHECKPOINT_EVERY, Setting.BASELINE, Setting.DEVICES_IN, Setting.DEVICE_MEMORY, Setting.DEVICE_TIMEOUT,
            Setting.DEVICE_PROFILE);

    private static final String FUSED = "fused-multiply-add";

    /** The manifest of a run that starts now and here. */
    static Manifest of(Experiment experiment, TrainTest images) {
        JsonObject.Builder configuration = JsonObject.builder();
        for (Setting setting : Setting.values()) {
            configuration.put(setting.key(), experiment.text(setting));
        }
        JsonObject.Builder forms = JsonObject.builder().put("choice", experiment.text(Setting.FORMATS));
        experiment.formats().hash().ifPresent(hash -> forms.put("tableSha256", hash));
        return new Manifest(JsonObject.builder().put("started", Instant.now().toString()).put("configuration", configuration.build())
                .put("seed", experiment.seed()).put("formats", forms.build())
                .put("data", JsonObject.builder().put("train", images.train().toString()).put("trainHash", images.train().contentHash())
                        .put("test", images.test().toString()).put("testHash", images.test().contentHash()).build())
                .put("machine", JsonObject.ofStrings(Machine.facts())).build());
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
                Manifest manifest = new Manifest(object);
                manifest.settings();
                return manifest;
            }
            throw new DataException(file + " holds no JSON object");
        } catch (JsonException | IllegalArgumentException e) {
            throw new DataException(file + " is no manifest of this release: " + e.getMessage(), e);
        }
    }

    private Map<Setting, String> settings() {
        Map<Setting, String> settings = new EnumMap<>(Setting.class);
        JsonObject configuration = object.object("configuration");
        for (Map.Entry<String, JsonValue> entry : configuration.members().entrySet()) {
            settings.put(Setting.of(entry.getKey()), configuration.string(entry.getKey()));
        }
        return settings;
    }

    /** The experiment that was started. */
    Experiment experiment() {
        return Experiment.of(settings());
    }

    /**
     * Checks that an experiment is the one that was started.
     *
     * @throws IllegalArgumentException if settings differ other than the {@link #FREE} ones
     */
    void checkSettings(Path directory, Experiment experiment) {
        for (Map.Entry<Setting, String> entry : settings().entrySet()) {
            String now = experiment.text(entry.getKey());
            if (!FREE.contains(entry.getKey()) && !now.equals(entry.getValue())) {
                throw new IllegalArgumentException("'" + directory + "' belongs to a run with " + entry.getKey().key() + " = "
                        + entry.getValue() + ", not " + now + "; give another directory, or the same settings");
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
        String fused = object.object("machine").string(FUSED);
        if (!fused.equals(Machine.facts().get(FUSED))) {
            throw new IllegalArgumentException("the run in '" + directory + "' began on a machine whose fused multiply-add is " + fused
                    + ", here it is " + Machine.facts().get(FUSED) + ": the bits would differ; go on there, or start anew");
        }
    }

    private static void check(Path directory, String what, String then, String now) {
        if (!then.equals(now)) {
            throw new DataException("the run in '" + directory + "' began with " + what + " images of hash " + then + ", these have "
                    + now + "; give the same images with --set data=DIR");
        }
    }
}

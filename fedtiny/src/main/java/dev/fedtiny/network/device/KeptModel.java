package dev.fedtiny.network.device;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.Normalization;
import dev.fedtiny.data.Samples;
import dev.fedtiny.device.OwnStatistics;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.protocol.ImageFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * The latest model that a device received, on its disk, and the same with running statistics of the device's own data. Nothing of it is in
 * memory. What a received model is made one's own by stands in its file, so that a device that was started again needs no server for it.
 * Files appear under their names only when they are whole; what a process that was killed left of one is removed with the first model that
 * the next one receives. The folder is one device's alone. Thread-safe.
 */
final class KeptModel {
    private static final String RECEIVED = "received.sparse.safetensors";
    private static final String PERSONAL = "personal.sparse.safetensors";
    private static final String NAME = "device.model";
    private static final String SEED = "device.seed";
    private static final String NUMBER = "device.number";
    private static final String BATCH = "device.batch";
    private static final String FRACTION = "device.development-fraction";
    private static final String MINIMUM = "device.development-minimum";
    private static final String FIGURES = "device.images";

    private final Path folder;
    private boolean tidied;

    KeptModel(Path folder) throws IOException {
        this.folder = PrivateFolder.createAll(folder);
    }

    /**
     * Writes a model down in place of the one before.
     *
     * @param figures that its run's images are normalised by; empty where that is not known
     */
    synchronized void received(ModelState model, OwnStatistics how, Optional<Normalization> figures) throws IOException {
        if (!tidied) {
            AtomicFile.removeLeftovers(folder);
            tidied = true;
        }
        Map<String, String> said = new HashMap<>(Map.of(NAME, UUID.randomUUID().toString(), SEED, Long.toString(how.seed()), NUMBER,
                Integer.toString(how.device()), BATCH, Integer.toString(how.batch()), FRACTION,
                Double.toString(how.development().fraction()), MINIMUM, Integer.toString(how.development().minimumSamples())));
        figures.ifPresent(known -> said.put(FIGURES, ImageFigures.text(known)));
        ModelFile.save(model, folder.resolve(RECEIVED), ModelFile.Form.SPARSE, said);
    }

    /**
     * The device's own model, made when it is first asked for.
     *
     * @param data its samples now, normalised by the figures of the run where they are known; asked only where the model is made
     * @return empty where none was received yet
     */
    synchronized Optional<ModelState> personal(Function<Optional<Normalization>, ? extends Samples> data) throws IOException {
        Path received = folder.resolve(RECEIVED);
        if (Files.notExists(received)) {
            return Optional.empty();
        }
        Map<String, String> said = metadata(received);
        Path own = folder.resolve(PERSONAL);
        Optional<ModelState> made = made(own, said.getOrDefault(NAME, ""));
        if (made.isPresent()) {
            return made;
        }
        OwnStatistics how;
        Optional<Normalization> figures;
        try {
            figures = Optional.ofNullable(said.get(FIGURES)).map(ImageFigures::of);
            how = new OwnStatistics(Long.parseLong(said.get(SEED)), Integer.parseInt(said.get(NUMBER)), Integer.parseInt(said.get(BATCH)),
                    new DevelopmentSplit(Double.parseDouble(said.get(FRACTION)), Integer.parseInt(said.get(MINIMUM))));
        } catch (IllegalArgumentException | NullPointerException e) {
            throw new IOException("'" + received + "' is no model that a device received: " + e.getMessage() + "; remove it", e);
        }
        try (Workers workers = Workers.of(1)) {
            ModelState personal = how.of(ModelFile.load(received), data.apply(figures), workers);
            ModelFile.save(personal, own, ModelFile.Form.SPARSE, Map.of(NAME, said.get(NAME)));
            return Optional.of(personal);
        }
    }

    /** What was made of a received model before; empty where it was made of another, or is damaged: then it is made again. */
    private static Optional<ModelState> made(Path own, String received) {
        try {
            return metadata(own).getOrDefault(NAME, "").equals(received) ? Optional.of(ModelFile.load(own)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Map<String, String> metadata(Path file) throws IOException {
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            return open.metadata();
        }
    }
}

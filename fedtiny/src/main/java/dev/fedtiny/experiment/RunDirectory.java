package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.experiment.checkpoint.CheckpointStore;
import dev.fedtiny.federation.DeviceClasses;
import dev.fedtiny.method.Methods;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a run leaves: {@code manifest.json}, {@code metrics.jsonl} (one object a line, written out line by line),
 * {@code model.safetensors} and, of a sparse model, {@code model.sparse.safetensors}, the same as {@code model.recalibrated…} and
 * {@code model.best…} where that was asked for, and last of all {@code result.json}. While it runs, or when it stopped, there are
 * checkpoints; when it is done, the last one. A directory that exists is never touched unless to go on with its run; whole files
 * appear under their names only when complete. Directories are made for their owner alone (mode 700 where there are modes), and nothing
 * is written through a link inside one.
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {
    /** What manifests of this release say that they are; those of the first release say nothing. */
    public static final String MANIFEST_FORMAT = "fedtiny-manifest-2";

    /** What a run was started with: a directory that has it holds a run. */
    public static final String MANIFEST = "manifest.json";
    /** What a run came to: one that has it is done. */
    public static final String RESULT = "result.json";
    /** What happened, one object a line. */
    public static final String METRICS = "metrics.jsonl";
    /** What a run with differential privacy has spent. */
    static final String PRIVACY = "privacy.jsonl";

    static final String MODEL = "model.safetensors";

    private static final String SPARSE_MODEL = "model.sparse.safetensors";
    private static final String RECALIBRATED_MODEL = "model.recalibrated.safetensors";
    private static final String RECALIBRATED_SPARSE_MODEL = "model.recalibrated.sparse.safetensors";
    private static final String BEST_MODEL = "model.best.safetensors";
    private static final String BEST_SPARSE_MODEL = "model.best.sparse.safetensors";
    private static final Pattern FILES = Pattern.compile("(manifest|result)\\.json|(metrics|privacy)\\.jsonl|checkpoint-[0-9]+\\.bin"
            + "|model(\\.[A-Za-z0-9-]+)*\\.safetensors");

    /**
     * Makes a new directory.
     *
     * @return the directory
     * @throws IllegalArgumentException if there is something of that name
     * @throws IOException if it cannot be made
     */
    public static RunDirectory create(Path path) throws IOException {
        if (path.toAbsolutePath().getParent() != null) {
            PrivateFolder.createAll(path.toAbsolutePath().getParent());
        }
        try {
            PrivateFolder.create(path);
        } catch (FileAlreadyExistsException e) {
            String rather = Files.exists(path.resolve(MANIFEST)) ? "go on with its run: " + Program.command("run", "--resume",
                    path.toString()) : "remove it: it holds no run that was begun";
            throw new IllegalArgumentException("'" + path + "' exists already; a run never writes into an existing directory, give another "
                    + "--out, or " + rather, e);
        }
        return new RunDirectory(path);
    }

    /**
     * The directory of a run that was begun.
     *
     * @return the directory
     * @throws dev.fedtiny.data.DataException if it holds no manifest
     * @throws IOException if the manifest cannot be read
     */
    public static RunDirectory begun(Path path) throws IOException {
        Manifest.read(path);
        return new RunDirectory(path);
    }

    /**
     * {@return the experiment of a run that was begun}
     *
     * @throws IOException if the manifest cannot be read
     */
    public Experiment experiment() throws IOException {
        return Manifest.read(path).experiment();
    }

    /** A directory to begin or to go on in, made if it is not there. */
    static RunDirectory open(Path path) throws IOException {
        return new RunDirectory(PrivateFolder.createAll(path));
    }

    /**
     * {@return the directory inside this one of the dense run beside it, made if it is not there}
     *
     * @throws IOException if it cannot be made
     */
    public RunDirectory baseline() throws IOException {
        return new RunDirectory(PrivateFolder.createInside(path.resolve(Methods.BASELINE)));
    }

    /**
     * Checks that a directory without a manifest holds nothing that a run would write over: it would be somebody else's. Needs no lock: of
     * a run that somebody begins meanwhile the manifest is the first file.
     *
     * @throws IllegalArgumentException if it does, with the file's name
     */
    void refuseForeignFiles() {
        List<String> files = new ArrayList<>(List.of(METRICS, PRIVACY, RESULT, MODEL, SPARSE_MODEL, RECALIBRATED_MODEL,
                RECALIBRATED_SPARSE_MODEL, BEST_MODEL, BEST_SPARSE_MODEL));
        files.addAll(CheckpointStore.NAMES);
        for (String file : files) {
            if (Files.exists(path.resolve(file), LinkOption.NOFOLLOW_LINKS) && !holds(MANIFEST)) {
                throw new IllegalArgumentException("'" + path + "' holds " + file + " but no " + MANIFEST
                        + ", so that file is of no run here and stays as it is; give another directory, or remove the file");
            }
        }
    }

    /** That this process works on the run; empty while another one does, or another thread of this one. */
    Optional<ProcessLock> lock() throws IOException {
        return ProcessLock.take(path, "run");
    }

    boolean holds(String file) {
        return Files.exists(path.resolve(file));
    }

    /**
     * The run's own files, without those of the one beside it. Whatever else lies in its directory is somebody's, and stays where it is.
     *
     * @return by name; empty where it was not begun
     * @throws IOException if one cannot be read
     */
    Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        if (holds(MANIFEST)) {
            try (Stream<Path> inside = Files.list(path)) {
                for (Path file : inside.filter(Files::isRegularFile).sorted().toList()) {
                    String name = file.getFileName().toString();
                    if (FILES.matcher(name).matches()) {
                        files.put(name, Files.readAllBytes(file));
                    }
                }
            }
        }
        return files;
    }

    /**
     * Files of a run in an order in which they may arrive one after the other, ended anywhere, and the run still goes on: the manifest, by
     * which the others are of this run; the ledger, which may be ahead of the run and never behind it; the metrics, on which checkpoints
     * count; the best model, of a round that a checkpoint may be behind; and last the result, which says that the run is done.
     */
    static List<String> inOrderOfArrival(Collection<String> names) {
        List<String> first = List.of(MANIFEST, PRIVACY, METRICS, BEST_MODEL, BEST_SPARSE_MODEL);
        return names.stream().sorted(Comparator.<String>comparingInt(name -> first.contains(name) ? first.indexOf(name)
                : name.equals(RESULT) ? first.size() + 1 : first.size()).thenComparing(Comparator.naturalOrder())).toList();
    }

    /** {@return whether its run, without the one beside it, is done} */
    public boolean done() {
        return holds(RESULT);
    }

    /** Removes temporary files of a process that was killed while it wrote; only for whom no other works here. */
    void removeLeftovers() throws IOException {
        AtomicFile.removeLeftovers(path);
    }

    /** Writes a JSON file. */
    void json(String file, JsonObject object) throws IOException {
        AtomicFile.write(path.resolve(file), JsonWriter.indented(object) + "\n");
    }

    /**
     * Writes the model twice: where it is sparse, compact, and zero-filled as PyTorch loads it.
     *
     * @param model the last one
     * @throws IOException if a file cannot be written
     */
    public void model(ModelState model) throws IOException {
        save(model, SPARSE_MODEL, MODEL);
    }

    /**
     * Writes what classes of devices hold of the model, {@code model.class-NAME…} beside the whole model's files.
     *
     * @param models as every class holds it, densest first
     * @param classes of devices; of none nothing is written
     * @throws IOException if a file cannot be written
     */
    public void partModels(List<ModelState> models, DeviceClasses classes) throws IOException {
        partModels("model", models, classes);
    }

    private void partModels(String prefix, List<ModelState> models, DeviceClasses classes) throws IOException {
        for (int place = 1; place < classes.all().size(); place++) {
            String name = prefix + ".class-" + classes.all().get(place).name();
            save(models.get(place), name + ".sparse.safetensors", name + ".safetensors");
        }
    }

    /**
     * The same of the models with the running statistics that devices measured behind the last round.
     *
     * @param models as every class holds it, densest first
     * @param classes of devices; of none nothing is written
     * @throws IOException if a file cannot be written
     */
    public void recalibratedPartModels(List<ModelState> models, DeviceClasses classes) throws IOException {
        partModels("model.recalibrated", models, classes);
    }

    /**
     * Writes the model with the running statistics that devices measured behind the last round, twice as {@link #model} does.
     *
     * @param model the last one, recalibrated
     * @throws IOException if a file cannot be written
     */
    public void recalibratedModel(ModelState model) throws IOException {
        save(model, RECALIBRATED_SPARSE_MODEL, RECALIBRATED_MODEL);
    }

    /**
     * Writes the model that did best so far, twice as {@link #model} does.
     *
     * @param model of the round that was evaluated best
     * @throws IOException if a file cannot be written
     */
    void bestModel(ModelState model) throws IOException {
        save(model, BEST_SPARSE_MODEL, BEST_MODEL);
    }

    private void save(ModelState model, String sparse, String dense) throws IOException {
        if (model.density() < 1) {
            ModelFile.save(model, path.resolve(sparse), ModelFile.Form.SPARSE);
        }
        ModelFile.save(model, path.resolve(dense), ModelFile.Form.DENSE);
    }
}

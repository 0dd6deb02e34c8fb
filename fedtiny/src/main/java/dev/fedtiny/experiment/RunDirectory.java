package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.nn.ModelState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a run leaves: {@code manifest.json}, {@code metrics.jsonl} (one object a line, written out line by line),
 * {@code model.safetensors} and, of a sparse model, {@code model.sparse.safetensors}, and last of all {@code result.json}. While it
 * runs, or when it stopped, there are checkpoints. A directory that exists is never touched unless to go on with its run; whole files
 * appear under their names only when complete.
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {
    static final String MANIFEST = "manifest.json";
    static final String RESULT = "result.json";
    static final String METRICS = "metrics.jsonl";

    private static final String BASELINE = "fedavg";

    /**
     * Makes a new directory.
     *
     * @throws IllegalArgumentException if there is something of that name
     */
    public static RunDirectory create(Path path) throws IOException {
        if (path.toAbsolutePath().getParent() != null) {
            Files.createDirectories(path.toAbsolutePath().getParent());
        }
        try {
            Files.createDirectory(path);
        } catch (FileAlreadyExistsException e) {
            throw new IllegalArgumentException("'" + path + "' exists already; a run never writes into an existing directory, give another "
                    + "--out, or go on with its run: " + Program.command("run", "--resume", path.toString()), e);
        }
        return new RunDirectory(path);
    }

    /**
     * The directory of a run that was begun.
     *
     * @throws dev.fedtiny.data.DataException if it holds no manifest
     */
    public static RunDirectory begun(Path path) throws IOException {
        Manifest.read(path);
        return new RunDirectory(path);
    }

    /** The experiment of a run that was begun. */
    public Experiment experiment() throws IOException {
        return Manifest.read(path).experiment();
    }

    /** A directory to begin or to go on in, made if it is not there. */
    static RunDirectory open(Path path) throws IOException {
        return new RunDirectory(Files.createDirectories(path));
    }

    /** The directory inside this one of the dense run beside it. */
    public RunDirectory baseline() throws IOException {
        return open(path.resolve(BASELINE));
    }

    boolean holds(String file) {
        return Files.exists(path.resolve(file));
    }

    /** Whether its run, without the one beside it, is done. */
    public boolean done() {
        return holds(RESULT);
    }

    /** Removes temporary files of a process that was killed while it wrote; only for whom no other works here. */
    void removeLeftovers() throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(path, ".*.tmp")) {
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
    }

    /** Writes a JSON file. */
    void json(String file, JsonObject object) throws IOException {
        ByteBuffer text = ByteBuffer.wrap((JsonWriter.indented(object) + "\n").getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(path.resolve(file), channel -> {
            while (text.hasRemaining()) {
                channel.write(text);
            }
        });
    }

    /** Writes the model twice: where it is sparse, compact, and zero-filled as PyTorch loads it. */
    public void model(ModelState model) throws IOException {
        if (model.density() < 1) {
            ModelFile.save(model, path.resolve("model.sparse.safetensors"), ModelFile.Form.SPARSE);
        }
        ModelFile.save(model, path.resolve("model.safetensors"), ModelFile.Form.DENSE);
    }
}

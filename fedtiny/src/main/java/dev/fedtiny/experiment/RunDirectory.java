package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.nn.ModelState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * What a run leaves: {@code manifest.json}, {@code metrics.jsonl} (one object a line, written out line by line),
 * {@code model.safetensors} and, of a sparse model, {@code model.sparse.safetensors}. A directory that exists is never touched; whole files appear under their names only when complete.
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {
    /**
     * Makes a new directory.
     *
     * @throws FileAlreadyExistsException if there is something of that name
     */
    public static RunDirectory create(Path path) throws IOException {
        if (path.toAbsolutePath().getParent() != null) {
            Files.createDirectories(path.toAbsolutePath().getParent());
        }
        try {
            Files.createDirectory(path);
        } catch (FileAlreadyExistsException e) {
            throw new IllegalArgumentException("'" + path + "' exists already; a run never writes into an existing directory, give another "
                    + "--out", e);
        }
        return new RunDirectory(path);
    }

    /** A directory inside this one, for a run that belongs to it. */
    public RunDirectory nested(String name) throws IOException {
        return create(path.resolve(name));
    }

    /** Appends one line to the metrics. */
    void metric(JsonObject object) throws IOException {
        Files.writeString(path.resolve("metrics.jsonl"), JsonWriter.compact(object) + "\n", StandardCharsets.UTF_8,
                StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Writes the manifest. */
    void manifest(JsonObject object) throws IOException {
        Path temporary = path.resolve("manifest.json.tmp");
        Files.writeString(temporary, JsonWriter.indented(object) + "\n", StandardCharsets.UTF_8);
        Files.move(temporary, path.resolve("manifest.json"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Writes the model twice: zero-filled as PyTorch loads it, and, where it is sparse, compact. */
    public void model(ModelState model) throws IOException {
        ModelFile.save(model, path.resolve("model.safetensors"), ModelFile.Form.DENSE);
        if (model.density() < 1) {
            ModelFile.save(model, path.resolve("model.sparse.safetensors"), ModelFile.Form.SPARSE);
        }
    }
}

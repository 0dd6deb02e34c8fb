package dev.fedtiny.experiment;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.onnx.OnnxFile;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * The trained model that a run begins with ({@link Setting#INIT}). A model file of this program and an ONNX model say themselves what
 * network they are of, and the run trains that network, whoever made it; a {@code state_dict} is of the network that the settings name.
 *
 * @param file model file, ONNX model, or {@code state_dict} in safetensors
 */
record InitialModel(Path file) {
    private static final int BUFFER_BYTES = 1 << 16;

    /**
     * Reads it.
     *
     * @param images of the run, which the network must take
     * @param named the network that the settings name; asked for only where the file does not say its own
     * @throws DataException if the file is not there, is no model, or is one for other images
     */
    ModelState read(Dataset images, Supplier<NetworkSpec> named) {
        ModelState model;
        try {
            model = load(named);
        } catch (IOException e) {
            throw unreadable(e);
        } catch (UncheckedIOException e) {
            throw unreadable(e.getCause());
        }
        Shape shape = new Shape(images.channels(), images.height(), images.width());
        if (!model.network().input().equals(shape)) {
            throw new DataException("init = " + file + " takes images of " + model.network().input() + ", the images of this run are "
                    + shape + "; give a model for such images, or other images with --set data=DIR");
        }
        if (model.network().classes() < images.classes()) {
            throw new DataException("init = " + file + " has " + model.network().classes() + " outputs, the images of this run are of "
                    + images.classes() + " classes; give a model with at least as many outputs");
        }
        return model;
    }

    private DataException unreadable(IOException e) {
        return new DataException("init = " + file + " cannot be read: " + IoProblem.describe("", e), e);
    }

    private ModelState load(Supplier<NetworkSpec> named) throws IOException {
        if (OnnxFile.recognizes(file)) {
            return OnnxFile.load(file);
        }
        boolean saysItself;
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            saysItself = ModelFile.describesNetwork(tensors);
        }
        return saysItself ? ModelFile.load(file) : ModelFile.load(file, named.get());
    }

    /**
     * SHA-256 of the file, which a run that goes on compares.
     *
     * @throws DataException if it cannot be read
     */
    String hash() {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw unreadable(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

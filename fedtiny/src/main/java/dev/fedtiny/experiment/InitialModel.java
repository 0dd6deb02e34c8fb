package dev.fedtiny.experiment;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.onnx.OnnxFile;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * The trained model that a run begins with ({@link Setting#INIT}). A model file of this program and an ONNX model say themselves what
 * network they are of, and the run trains that network, whoever made it; a {@code state_dict} is of the network that the settings name.
 *
 * @param file model file, ONNX model, or {@code state_dict} in safetensors
 */
record InitialModel(Path file) {
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
            throw ContentHash.unreadable(Setting.INIT, file, e);
        } catch (UncheckedIOException e) {
            throw ContentHash.unreadable(Setting.INIT, file, e.getCause());
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
        return ContentHash.of(Setting.INIT, file);
    }
}

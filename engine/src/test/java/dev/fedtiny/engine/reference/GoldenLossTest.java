package dev.fedtiny.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.layer.Identity;
import dev.fedtiny.engine.loss.BinaryCrossEntropy;
import dev.fedtiny.engine.loss.ClassWeights;
import dev.fedtiny.engine.loss.CrossEntropy;
import dev.fedtiny.engine.loss.Distillation;
import dev.fedtiny.engine.loss.Loss;
import dev.fedtiny.engine.loss.MeanAbsoluteError;
import dev.fedtiny.engine.loss.MeanSquaredError;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every loss and its gradient, computed by a session, against PyTorch's. */
class GoldenLossTest {
    private static final double TOLERANCE = 1e-5;

    static List<Path> losses() throws IOException, URISyntaxException {
        return GoldenFiles.operators("loss-");
    }

    @Test
    void resourcesHoldEveryLoss() throws Exception {
        for (String prefix : List.of("loss-bce-logits", "loss-cross-entropy", "loss-distill", "loss-l1", "loss-mse")) {
            assertTrue(GoldenFiles.operators(prefix).size() >= 2, prefix);
        }
    }

    @ParameterizedTest
    @MethodSource("losses")
    void agreesWithPyTorch(Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            switch (file.metadata().get("op")) {
                case "binary cross entropy with logits" -> compare(file, new BinaryCrossEntropy(), file.readFloats("target"));
                case "mean absolute error" -> compare(file, new MeanAbsoluteError(), file.readFloats("target"));
                case "mean squared error" -> compare(file, new MeanSquaredError(), file.readFloats("target"));
                case "distillation" -> compare(file, new Distillation(number(file, "temperature")), file.readFloats("teacher"));
                case "cross entropy of logits" -> compare(file, new CrossEntropy(number(file, "label_smoothing"),
                        file.find("class_weight").isPresent() ? ClassWeights.of(file.readFloats("class_weight")) : ClassWeights.EQUAL),
                        GoldenFiles.labels(file, "labels"));
                default -> throw new AssertionError("no loss for " + path);
            }
        }
    }

    private static double number(SafetensorsFile file, String key) {
        return Double.parseDouble(file.metadata().get(key));
    }

    private static <T> void compare(SafetensorsFile file, Loss<T> loss, T targets) throws IOException {
        List<Long> shape = file.get("x").shape();
        int images = Math.toIntExact(shape.getFirst());
        int[] extents = {1, 1, 1};
        for (int i = 1; i < shape.size(); i++) {
            extents[i - 1] = Math.toIntExact(shape.get(i));
        }
        Shape output = new Shape(extents[0], extents[1], extents[2]);
        Network.Builder outputs = Network.builder(output);
        outputs.add(new Identity(0, output));
        Network network = outputs.build();
        try (Session session = Session.open(ModelState.of(network, List.of(), List.of()), Mode.TRAINING, images, Workers.of(1),
                SessionOptions.DEFAULT.withInputGradient(InputGradient.COMPUTED))) {
            session.setImages(file.readFloats("x"), images);
            session.forward(images);
            double value = session.loss(loss, targets);
            assertEquals(value, session.backward(loss, targets));
            GoldenFiles.assertClose(file, "loss", new double[] {value}, TOLERANCE);
            GoldenFiles.assertClose(file, "dx", ReferenceNetwork.toDouble(session.inputGradient()), TOLERANCE);
        }
    }
}

package dev.fedtiny.engine.reference;

import static dev.fedtiny.engine.reference.GoldenFiles.assertClose;
import static dev.fedtiny.engine.reference.GoldenFiles.doubles;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whole networks trained for a few steps by PyTorch, repeated by the reference in double. */
class GoldenTrajectoryTest {
    private static final Pattern MODEL = Pattern.compile("(ResNet18|VGG11).*, base width (\\d+).*");

    @Test
    void trainsAsPyTorch() throws Exception {
        List<Path> files = GoldenFiles.find("train-");
        assertTrue(files.size() >= 2, "the resources hold a training with SGD and one with Adam");
        for (Path path : files) {
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                compare(file);
            }
        }
    }

    static double setting(SafetensorsFile file, String key) {
        return Double.parseDouble(file.metadata().get(key));
    }

    static Network network(SafetensorsFile file) throws IOException {
        Matcher model = MODEL.matcher(file.metadata().get("model"));
        if (!model.matches()) {
            throw new AssertionError("unknown model '" + file.metadata().get("model") + "' in " + file.name());
        }
        Architecture architecture = model.group(1).equals("VGG11") ? Architecture.VGG11_SINGLE : Architecture.RESNET18;
        Shape input = new Shape(GoldenFiles.extent(file, "input.0", 1), GoldenFiles.extent(file, "input.0", 2),
                GoldenFiles.extent(file, "input.0", 3));
        return new NetworkSpec(architecture, input, Integer.parseInt(model.group(2)), (int) setting(file, "classes")).build();
    }

    private static void compare(SafetensorsFile file) throws IOException {
        Network network = network(file);
        ReferenceNetwork reference = new ReferenceNetwork(network);
        int count = network.parameters().size();
        double[][] parameters = new double[count][];
        double[][] masks = new double[count][];
        ReferenceOptimizer optimizer = ReferenceOptimizer.of(file);
        for (int i = 0; i < count; i++) {
            Parameter parameter = network.parameters().get(i);
            boolean variance = parameter.kind() == Parameter.Kind.RUNNING_VARIANCE;
            parameters[i] = new double[parameter.size()];
            Arrays.fill(parameters[i], variance ? 1 : 0);
            masks[i] = new double[parameter.size()];
            Arrays.fill(masks[i], 1);
            if (parameter.kind().trainable()) {
                parameters[i] = doubles(file, "initial." + parameter.name());
            }
            if (file.find("mask." + parameter.name()).isPresent()) {
                masks[i] = doubles(file, "mask." + parameter.name());
            }
        }
        float[] losses = file.readFloats("losses");
        int batch = (int) setting(file, "batch");
        for (int step = 0; step < losses.length; step++) {
            int[] labels = GoldenFiles.labels(file, "labels." + step);
            ReferenceNetwork.Pass pass = reference.forward(Mode.TRAINING, parameters, doubles(file, "input." + step), batch);
            double[][] gradients = reference.gradients(pass, labels);
            assertEquals(losses[step], reference.loss(pass, labels), 2e-4 * losses[step], file.name() + " loss of step " + step);
            if (step == 0) {
                assertClose(file, "logits.0", pass.logits(), 2e-5);
                for (int i = 0; i < count; i++) {
                    if (gradients[i] != null && file.find("grad0." + network.parameters().get(i).name()).isPresent()) {
                        assertClose(file, "grad0." + network.parameters().get(i).name(), gradients[i], 1e-4);
                    }
                }
            }
            parameters = optimizer.step(pass.parametersAfter(), gradients, masks);
        }
        for (int i = 0; i < count; i++) {
            assertClose(file, "final." + network.parameters().get(i).name(), parameters[i], 1e-3);
        }
        assertClose(file, "eval_logits", reference.forward(Mode.INFERENCE, parameters, doubles(file, "input.0"), batch).logits(), 1e-3);
    }
}

package dev.fedtiny.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The engine trains as PyTorch does: every gradient of the first step, all losses, everything that is there in the end. */
class GoldenEngineTest {
    /** Relative to a tensor's largest magnitude; PyTorch computed in float, too. */
    private static final double FIRST = 2e-5;
    private static final double LOSSES = 1e-4;
    private static final double FINAL = 1e-3;

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        List<AlgorithmPolicy> algorithms = new ArrayList<>(List.of(AlgorithmPolicy.AUTOMATIC));
        ConvolutionAlgorithm.STORED.forEach(algorithm -> algorithms.add(new AlgorithmPolicy.Always(algorithm)));
        return GoldenFiles.find("train-").stream().flatMap(path -> algorithms.stream().map(f -> Arguments.of(path.getFileName(), path, f)));
    }

    @Test
    void resourcesHoldBothOptimizers() throws Exception {
        List<Path> files = GoldenFiles.find("train-resnet18-w4-");
        assertEquals(List.of("train-resnet18-w4-adam.safetensors", "train-resnet18-w4-sgd.safetensors"),
                files.stream().map(f -> f.getFileName().toString()).limit(2).toList());
        try (SafetensorsFile file = SafetensorsFile.open(files.get(1))) {
            Network network = GoldenTrajectoryTest.network(file);
            assertEquals(10, file.readFloats("losses").length);
            assertEquals(network.parameters().stream().filter(p -> p.kind().trainable()).count(),
                    file.tensors().stream().filter(t -> t.name().startsWith("grad0.")).count());
        }
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("cases")
    void trainsAsPyTorch(Path name, Path path, AlgorithmPolicy algorithms) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path);
                Workers workers = Workers.of(2)) {
            Network network = GoldenTrajectoryTest.network(file);
            float[] losses = new float[file.readFloats("losses").length];
            int batch = (int) GoldenTrajectoryTest.setting(file, "batch");
            ModelState trained;
            try (Session session = Session.open(initial(file, network), Mode.TRAINING, batch, workers, algorithms)) {
                Optimizer.Updater updater = optimizer(file.metadata()).bind(session);
                for (int step = 0; step < losses.length; step++) {
                    forward(file, session, step);
                    losses[step] = (float) (session.lossSum() / session.count());
                    if (step == 0) {
                        compare(file, "logits.0", session.outputs(), FIRST);
                        compareGradients(file, session);
                    } else {
                        session.backward();
                    }
                    updater.step(GoldenTrajectoryTest.setting(file, "lr"));
                }
                trained = session.state();
            }
            compare(file, "losses", losses, LOSSES);
            for (int p = 0; p < network.parameters().size(); p++) {
                compare(file, "final." + network.parameters().get(p).name(), trained.dense(p), FINAL);
            }
            try (Session session = Session.open(trained, Mode.INFERENCE, batch, workers, algorithms)) {
                forward(file, session, 0);
                compare(file, "eval_logits", session.outputs(), FINAL);
            }
        }
    }

    private static Optimizer optimizer(Map<String, String> metadata) {
        double decay = Double.parseDouble(metadata.get("weight_decay"));
        if (metadata.get("optimizer").startsWith("SGD")) {
            return new Sgd(Double.parseDouble(metadata.get("momentum")), decay);
        }
        assertEquals("Adam", metadata.get("optimizer"));
        String[] betas = metadata.get("betas").split(",");
        return new Adam(Double.parseDouble(betas[0]), Double.parseDouble(betas[1]), Double.parseDouble(metadata.get("eps")), decay,
                Boolean.parseBoolean(metadata.get("amsgrad")));
    }

    private static ModelState initial(SafetensorsFile file, Network network) throws IOException {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            boolean masked = file.find("mask." + parameter.name()).isPresent();
            masks.add(masked ? Mask.ofNonZero(file.readNumbers("mask." + parameter.name())) : Mask.full(parameter.size()));
            float[] start = new float[parameter.size()];
            if (parameter.kind().trainable()) {
                start = file.readFloats("initial." + parameter.name());
            } else {
                Arrays.fill(start, parameter.kind() == Parameter.Kind.RUNNING_VARIANCE ? 1 : 0);
            }
            values.add(masks.getLast().gather(start));
        }
        return ModelState.of(network, masks, values);
    }

    private static void forward(SafetensorsFile file, Session session, int step) throws IOException {
        int[] labels = GoldenFiles.labels(file, "labels." + step);
        session.setImages(file.readFloats("input." + step), labels.length);
        System.arraycopy(labels, 0, session.labels(), 0, labels.length);
        session.forward(labels.length);
    }

    /** Active positions' gradients and those of all pruned positions together are the dense gradients. */
    private static void compareGradients(SafetensorsFile file, Session session) throws IOException {
        List<Parameter> parameters = session.network().parameters();
        int[] weights = IntStream.range(0, parameters.size()).filter(p -> parameters.get(p).kind().isWeight()).toArray();
        TopK[] pruned = new TopK[weights.length];
        Arrays.setAll(pruned, i -> new TopK(session.mask(weights[i]).size() - session.mask(weights[i]).count()));
        session.backward(weights, pruned);
        for (int p = 0, weight = 0; p < parameters.size(); p++) {
            if (!parameters.get(p).kind().trainable()) {
                continue;
            }
            float[] dense = session.mask(p).scatter(session.gradient(p));
            if (parameters.get(p).kind().isWeight()) {
                TopK.Entries entries = pruned[weight++].sorted();
                for (int i = 0; i < entries.indices().length; i++) {
                    dense[entries.indices()[i]] = entries.values()[i];
                }
            }
            if (file.find("grad0." + parameters.get(p).name()).isPresent()) {
                compare(file, "grad0." + parameters.get(p).name(), dense, 10 * FIRST);
            }
        }
    }

    private static void compare(SafetensorsFile file, String tensor, float[] actual, double tolerance) throws IOException {
        for (float value : actual) {
            assertTrue(Float.isFinite(value), tensor);
        }
        GoldenFiles.assertClose(file, tensor, ReferenceNetwork.toDouble(actual), tolerance);
    }
}

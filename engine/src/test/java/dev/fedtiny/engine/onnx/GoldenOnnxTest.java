package dev.fedtiny.engine.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fedtiny.engine.io.ModelFile.Zeros;
import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.loss.BinaryCrossEntropy;
import dev.fedtiny.engine.loss.CrossEntropy;
import dev.fedtiny.engine.loss.Loss;
import dev.fedtiny.engine.loss.MeanSquaredError;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.reference.NearbyTrainings;
import dev.fedtiny.engine.reference.ReferenceNetwork;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Networks that PyTorch exported: the same outputs, and the same training, gradients at pruned positions included. The small ones are among
 * the test resources; the environment variable FEDTINY_GOLDEN may name a folder with a folder {@code networks} of more of them.
 *
 * <p>A training that is not PyTorch's within the tolerance has to be one in double, within the same tolerance and in all tensors, that was
 * begun within float32's rounding of the file's weights and images ({@link NearbyTrainings}). {@code resnet18-w8-64px-density10} needs
 * that: in its last step an element in front of the first ReLU of {@code layer1.0} is −1.5e-6 where its channel's largest is 3.7. Of
 * twelve trainings in double that were begun 2e-7 beside the file, five have it above zero, and with it 0.0815 in place of 0.0602 as the
 * gradient of that channel's β. PyTorch's float32 came out on one side, the engine's on the other, 5.8e-3 apart.
 */
class GoldenOnnxTest {
    private static final String VARIABLE = "FEDTINY_GOLDEN";
    private static final double OUTPUT = 1e-4;
    private static final double LOSSES = 2e-3;
    private static final double FIRST = 1e-3;
    private static final double FINAL = 5e-3;
    private static final double FLOOR = 0.01;
    /** Trainings in double that are tried where one is far from PyTorch's. */
    private static final int NEARBY = 16;

    @TempDir
    private Path folder;

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        List<Path> folders = new ArrayList<>(List.of(Path.of(GoldenOnnxTest.class.getResource("/onnx/networks").toURI())));
        String more = System.getenv(VARIABLE);
        if (more != null) {
            folders.add(Path.of(more).resolve("networks"));
        }
        List<Arguments> cases = new ArrayList<>();
        for (Path from : folders) {
            try (Stream<Path> files = Files.list(from)) {
                files.filter(file -> file.toString().endsWith(".safetensors")).sorted().forEach(file ->
                        cases.add(Arguments.of(file.getFileName(), file)));
            }
        }
        return cases.stream();
    }

    @Test
    void resourcesHoldEveryKind() throws Exception {
        assertTrue(cases().count() >= 5);
    }

    @Test
    void allOthersAreTriedToo() throws Exception {
        assumeTrue(System.getenv(VARIABLE) != null, VARIABLE + " names no folder of reference results: only the small ones are tried");
        assertTrue(cases().count() > 10);
    }

    private static Path model(SafetensorsFile file, Path path, String name) {
        return path.resolveSibling(name.endsWith(".onnx") ? name : name + ".onnx");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void outputsAndTrainingAreThoseOfPyTorch(Path name, Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path);
                Workers workers = Workers.of(2)) {
            Path onnx = model(file, path, file.metadata().get("onnx"));
            ModelState start = masked(file, OnnxFile.read(onnx, Zeros.KEPT).state());
            compare(file, "output", outputs(file, start), OUTPUT, 0);
            roundTrip(file, start);
            for (String variant : file.metadata().getOrDefault("variants", "").split("[,\\s]+")) {
                Path other = variant.isEmpty() ? onnx : model(file, path, variant);
                if (Files.exists(other)) {
                    assertEquals(0, Arrays.compare(outputs(file, start), outputs(file, masked(file, OnnxFile.read(other, Zeros.KEPT)
                            .state()))), variant);
                }
            }
            if (file.find("images").isPresent()) {
                train(file, start, workers);
            }
        }
    }

    private void roundTrip(SafetensorsFile file, ModelState state) throws IOException {
        Path again = folder.resolve("again.onnx");
        OnnxFile.save(state, again);
        assertEquals(0, Arrays.compare(outputs(file, state), outputs(file, OnnxFile.load(again))), "read back after it was written");
    }

    /** The model with the file's masks; what is pruned is not held. */
    private static ModelState masked(SafetensorsFile file, ModelState dense) throws IOException {
        ModelState state = dense;
        List<Parameter> parameters = dense.network().parameters();
        for (int p = 0; p < parameters.size(); p++) {
            String key = "mask." + parameters.get(p).name();
            if (file.find(key).isPresent()) {
                Mask mask = Mask.ofNonZero(file.readNumbers(key));
                state = state.with(p, mask, mask.gather(dense.dense(p)));
            }
        }
        long masks = file.tensors().stream().filter(t -> t.name().startsWith("mask.")).count();
        assertEquals(masks, parameters.stream().filter(p -> file.find("mask." + p.name()).isPresent()).count(), "masks of other names");
        return state;
    }

    private static float[] outputs(SafetensorsFile file, ModelState state) throws IOException {
        int images = Math.toIntExact(file.get("input").shape().getFirst());
        try (Session session = Session.open(state, Mode.INFERENCE, images)) {
            session.setImages(file.readFloats("input"), images);
            session.forward(images);
            return session.outputs().clone();
        }
    }

    private static void train(SafetensorsFile file, ModelState start, Workers workers) throws IOException {
        double momentum = Double.parseDouble(file.metadata().get("momentum"));
        double decay = Double.parseDouble(file.metadata().get("weight_decay"));
        int steps = Integer.parseInt(file.metadata().get("steps"));
        int batch = Integer.parseInt(file.metadata().get("batch"));
        float[] losses = new float[steps];
        ModelState trained;
        try (Session session = Session.open(start, Mode.TRAINING, batch, workers, AlgorithmPolicy.AUTOMATIC)) {
            Optimizer.Updater updater = new Sgd(momentum, decay).bind(session);
            float[] images = file.readFloats("images");
            for (int step = 0; step < steps; step++) {
                int size = images.length / steps;
                session.setImages(Arrays.copyOfRange(images, step * size, (step + 1) * size), batch);
                session.forward(batch);
                losses[step] = (float) backward(file, session, step, steps);
                updater.step(Double.parseDouble(file.metadata().get("lr")));
            }
            trained = session.state();
        }
        compare(file, "losses", losses, LOSSES, 0);
        float[] outputs = outputs(file, trained);
        List<String> far = new ArrayList<>();
        for (int p = 0; p < trained.network().parameters().size(); p++) {
            String name = "final." + trained.network().parameters().get(p).name();
            double error = error(name, ReferenceNetwork.toDouble(file.readFloats(name)), trained.dense(p), FLOOR);
            if (error > FINAL) {
                far.add("'" + name + "' " + error);
            }
        }
        if (far.isEmpty()) {
            compare(file, "final_output", outputs, FINAL, 0);
        } else {
            assertTrue(isNearby(file, start, trained, outputs), file.name() + ": far from PyTorch are " + far + ", allowed " + FINAL
                    + ", and none of " + NEARBY + " trainings in double begun beside it ends where this one does");
        }
    }

    private static boolean isNearby(SafetensorsFile file, ModelState start, ModelState trained, float[] outputs) throws IOException {
        NearbyTrainings trainings = new NearbyTrainings(file, start);
        for (int seed = 1; seed <= NEARBY; seed++) {
            double[][] parameters = trainings.train(seed);
            double error = error("final_output", trainings.outputs(parameters), outputs, 0);
            for (int p = 0; p < parameters.length; p++) {
                error = Math.max(error, error("final." + trained.network().parameters().get(p).name(), parameters[p], trained.dense(p),
                        FLOOR));
            }
            if (error <= FINAL) {
                return true;
            }
        }
        return false;
    }

    private static double backward(SafetensorsFile file, Session session, int step, int steps) throws IOException {
        String loss = file.metadata().get("loss");
        if (loss.startsWith("cross_entropy")) {
            long[] all = file.readLongs("targets");
            int[] labels = new int[all.length / steps];
            Arrays.setAll(labels, i -> Math.toIntExact(all[step * labels.length + i]));
            return backward(file, session, step, new CrossEntropy(), labels);
        }
        float[] all = file.readFloats("targets");
        int size = all.length / steps;
        float[] targets = Arrays.copyOfRange(all, step * size, (step + 1) * size);
        return backward(file, session, step, loss.startsWith("mse") ? new MeanSquaredError() : new BinaryCrossEntropy(), targets);
    }

    /** In the first step active positions' gradients and those of all pruned positions together are the dense gradients. */
    private static <T> double backward(SafetensorsFile file, Session session, int step, Loss<T> loss, T targets) throws IOException {
        if (step > 0) {
            return session.backward(loss, targets);
        }
        List<Parameter> parameters = session.network().parameters();
        int[] weights = IntStream.range(0, parameters.size()).filter(p -> parameters.get(p).kind().isWeight()).toArray();
        TopK[] pruned = new TopK[weights.length];
        Arrays.setAll(pruned, i -> new TopK(session.mask(weights[i]).size() - session.mask(weights[i]).count()));
        double value = session.backward(loss, targets, weights, pruned);
        double floor = 0;
        for (Parameter parameter : parameters) {
            if (parameter.kind().trainable()) {
                for (float gradient : file.readFloats("grad0." + parameter.name())) {
                    floor = Math.max(floor, FLOOR * Math.abs(gradient));
                }
            }
        }
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
            compare(file, "grad0." + parameters.get(p).name(), dense, FIRST, floor);
        }
        return value;
    }

    private static void compare(SafetensorsFile file, String tensor, float[] actual, double tolerance, double floor) throws IOException {
        double relative = error(tensor, ReferenceNetwork.toDouble(file.readFloats(tensor)), actual, floor);
        assertTrue(relative <= tolerance, file.name() + " '" + tensor + "': error " + relative + " of the largest magnitude, allowed "
                + tolerance);
    }

    /** The largest difference over the largest magnitude, which counts as {@code floor} at least. */
    private static double error(String tensor, double[] expected, float[] actual, double floor) {
        assertEquals(expected.length, actual.length, tensor);
        double largest = floor;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            assertTrue(Float.isFinite(actual[i]), tensor);
            largest = Math.max(largest, Math.abs(expected[i]));
            error = Math.max(error, Math.abs(actual[i] - expected[i]));
        }
        return error / largest;
    }
}

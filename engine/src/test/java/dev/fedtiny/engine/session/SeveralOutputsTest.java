package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.loss.BinaryCrossEntropy;
import dev.fedtiny.engine.loss.CrossEntropy;
import dev.fedtiny.engine.loss.Loss;
import dev.fedtiny.engine.loss.MeanSquaredError;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.onnx.OnnxFile;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks with several outputs, beside one that has all of them as channels of a single output. */
class SeveralOutputsTest {
    private static final int IMAGES = 11;

    @TempDir
    private Path folder;

    /** What a batch is to teach. */
    private record Lesson(int[] labels, float[] box, float[] mask) {
    }

    /** A small U-Net with a mask of its images, whose deepest map also feeds a class; a box reads the class. Answers where these are. */
    private static int[] build(Network.Builder net) {
        int[] heads = new int[3];
        int top = net.relu(net.batchNorm2d("norm1", net.conv2d("down1", 0, 5, 3, 1, 1, false, true)));
        int deep = net.relu(net.batchNorm2d("norm2", net.conv2d("down2", net.maxPool2d(top, 2, 2), 7, 3, 1, 1, false, true)));
        int up = net.concat(net.upsample(deep, PerAxis.both(2)), top);
        int last = net.relu(net.batchNorm2d("norm3", net.conv2d("up", up, 5, 3, 1, 1, false, true)));
        heads[0] = net.conv2d("mask", last, 1, 1, 1, 0, true, true);
        int pooled = net.globalAveragePool(deep);
        heads[1] = net.linear("class", pooled, 4, true, true);
        heads[2] = net.linear("box", net.relu(heads[1]), 3, true, true);
        return heads;
    }

    private static Network.Builder images() {
        return Network.builder(new Shape(3, 8, 6)).block("all");
    }

    private static Network several() {
        Network.Builder net = images();
        int[] heads = build(net);
        return net.output("mask", heads[0]).output("class", heads[1]).output("box", heads[2]).build();
    }

    private static Network joined() {
        Network.Builder net = images();
        int[] heads = build(net);
        net.concat(net.flatten(heads[0]), heads[1], heads[2]);
        return net.build();
    }

    private static ModelState state(Network network, long seed) {
        ModelState state = Sample.of(joined(), Sparsity.THIRTY_PERCENT, 1, seed).state();
        return ModelState.of(network, state.masks(), state.allValues());
    }

    private static float[] random(int count, long seed) {
        RandomStream random = RandomStream.of(seed, "values");
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Outputs of all images side by side, image after image. */
    private static float[] join(float[] mask, float[] classes, float[] box) {
        float[] all = new float[mask.length + classes.length + box.length];
        int size = all.length / IMAGES;
        for (int n = 0; n < IMAGES; n++) {
            System.arraycopy(mask, n * 48, all, n * size, 48);
            System.arraycopy(classes, n * 4, all, n * size + 48, 4);
            System.arraycopy(box, n * 3, all, n * size + 52, 3);
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void gradientsAreThoseOfOneOutput(int threads) {
        float[] images = random(IMAGES * 3 * 48, 1);
        Map<String, float[]> gradients = Map.of("mask", random(IMAGES * 48, 2), "class", random(IMAGES * 4, 3), "box",
                random(IMAGES * 3, 4));
        try (Workers workers = Workers.of(threads);
                Session heads = Session.open(state(several(), 5), Mode.TRAINING, 16, workers, SessionOptions.DEFAULT);
                Session one = Session.open(state(joined(), 5), Mode.TRAINING, 16, workers, SessionOptions.DEFAULT)) {
            heads.setImages(images, IMAGES);
            heads.forward(IMAGES);
            one.setImages(images, IMAGES);
            one.forward(IMAGES);
            assertArrayEquals(one.outputs(), join(heads.outputs("mask"), heads.outputs("class"), heads.outputs("box")));
            heads.backward(gradients);
            one.backward(join(gradients.get("mask"), gradients.get("class"), gradients.get("box")));
            checkGradients(one, heads);
            // An output that nobody speaks of has a gradient of 0.
            heads.forward(IMAGES);
            one.forward(IMAGES);
            heads.backward(Map.of("class", gradients.get("class")));
            one.backward(join(new float[IMAGES * 48], gradients.get("class"), new float[IMAGES * 3]));
            checkGradients(one, heads);
        }
    }

    private static void checkGradients(Session one, Session heads) {
        for (int p = 0; p < one.network().parameters().size(); p++) {
            assertArrayEquals(one.gradient(p), heads.gradient(p), one.network().parameters().get(p).name());
        }
    }

    /** A weighted sum of losses by name is the sum of the losses, and its gradient that of their weighted gradients. */
    @Test
    void lossesAreNamedAndWeighted() {
        float[] images = random(IMAGES * 3 * 48, 6);
        float[] mask = random(IMAGES * 48, 7);
        for (int i = 0; i < mask.length; i++) {
            mask[i] = mask[i] > 0 ? 1 : 0;
        }
        int[] labels = new int[IMAGES];
        for (int n = 0; n < IMAGES; n++) {
            labels[n] = n % 4;
        }
        Lesson lesson = new Lesson(labels, random(IMAGES * 3, 8), mask);
        Loss<int[]> classes = new CrossEntropy();
        Loss<float[]> box = new MeanSquaredError();
        Loss<float[]> pixels = new BinaryCrossEntropy();
        Objective<Lesson> objective = (targets, terms) -> {
            terms.add("class", 0.5, classes, targets.labels());
            terms.add("box", 2, box, targets.box());
            terms.add("mask", 1, pixels, targets.mask());
        };
        try (Session session = Session.open(state(several(), 9), Mode.TRAINING, IMAGES);
                Session given = Session.open(state(several(), 9), Mode.TRAINING, IMAGES)) {
            session.setImages(images, IMAGES);
            session.forward(IMAGES);
            double sum = 0.5 * session.loss(classes.on("class"), labels) + 2 * session.loss(box.on("box"), lesson.box())
                    + session.loss(pixels.on("mask"), mask);
            assertEquals(sum, session.loss(objective, lesson), 1e-12);
            assertEquals(sum, session.backward(objective, lesson), 1e-12);
            given.setImages(images, IMAGES);
            given.forward(IMAGES);
            given.backward(Map.of("class", gradient(given, "class", 4, classes, labels, 0.5),
                    "box", gradient(given, "box", 3, box, lesson.box(), 2),
                    "mask", gradient(given, "mask", 48, pixels, mask, 1)));
            checkGradients(session, given);
            assertThrows(IllegalArgumentException.class, () -> session.loss(classes, labels));
            assertThrows(IllegalArgumentException.class, () -> session.predicted(0));
            assertThrows(IllegalArgumentException.class, session::outputs);
            String message = assertThrows(IllegalArgumentException.class, () -> session.outputs("boxes")).getMessage();
            assertTrue(message.contains("[mask, class, box]"), message);
            session.forward(IMAGES);
            assertThrows(IllegalArgumentException.class, () -> session.backward(Map.of("boxes", new float[3])));
            Trainer<Lesson> trainer = Trainer.of(session).loss(objective).optimizer(new Sgd(0.9, 0)).build();
            double first = trainer.step(images, lesson, 0.05);
            for (int step = 0; step < 30; step++) {
                trainer.step(images, lesson, 0.05);
            }
            assertTrue(trainer.step(images, lesson, 0.05) < 0.7 * first);
            assertTrue(trainer.evaluate(images, lesson) < first);
        }
    }

    private static <T> float[] gradient(Session session, String output, int size, Loss<T> loss, T targets, double weight) {
        float[] values = session.outputs(output);
        Shape shape = session.network().shape(session.network().outputs().stream().filter(o -> o.name().equals(output)).findFirst()
                .orElseThrow());
        float[] gradient = new float[values.length];
        for (int n = 0; n < IMAGES; n++) {
            double[] one = new double[size];
            for (int i = 0; i < size; i++) {
                one[i] = values[n * size + i];
            }
            loss.differentiate(shape, one, n, targets);
            for (int i = 0; i < size; i++) {
                gradient[n * size + i] = (float) (weight * one[i] / loss.divisor(shape, IMAGES, targets));
            }
        }
        return gradient;
    }

    /** One image in tiles, a batch, files and ONNX all answer the same; what is held is what was said. */
    @Test
    void allWaysAnswerAlike() throws Exception {
        ModelState state = state(several(), 10);
        float[] images = random(IMAGES * 3 * 48, 11);
        Path file = folder.resolve("model.safetensors");
        ModelFile.save(state, file, ModelFile.Form.SPARSE);
        ModelState loaded = ModelFile.load(file);
        assertEquals(state.network().outputs(), loaded.network().outputs());
        Path onnx = folder.resolve("model.onnx");
        OnnxFile.save(state, onnx);
        ModelState imported = OnnxFile.load(onnx);
        assertEquals(List.of("mask", "class", "box"), imported.network().outputs().stream().map(Network.Output::name).toList());
        for (Mode mode : Mode.values()) {
            for (int batch : new int[] {1, 3, 16}) {
                MemoryEstimateTest.check(state, mode, batch, batch % 3 + 1, SessionOptions.DEFAULT);
            }
        }
        try (Session batch = Session.open(state, Mode.INFERENCE, IMAGES); Session single = Session.open(loaded, Mode.INFERENCE, 1);
                Session other = Session.open(imported, Mode.INFERENCE, IMAGES)) {
            batch.setImages(images, IMAGES);
            batch.forward(IMAGES);
            other.setImages(images, IMAGES);
            other.forward(IMAGES);
            for (String name : List.of("mask", "class", "box")) {
                float[] all = batch.outputs(name);
                assertArrayEquals(all, other.outputs(name), name);
                int size = all.length / IMAGES;
                for (int n = 0; n < IMAGES; n++) {
                    single.setImages(Arrays.copyOfRange(images, n * 144, (n + 1) * 144), 1);
                    single.forward(1);
                    assertArrayEquals(Arrays.copyOfRange(all, n * size, (n + 1) * size), single.outputs(name), name);
                }
            }
        }
    }

    @Test
    void impossibleOutputsAreNamed() {
        Network.Builder net = Network.builder(new Shape(1, 4, 4)).block("all");
        int x = net.conv2d("a", 0, 2, 3, 1, 1, true, true);
        net.output("x", x);
        assertThrows(IllegalArgumentException.class, () -> net.output("x", x));
        assertThrows(IllegalArgumentException.class, () -> net.output("y", x));
        assertThrows(IllegalArgumentException.class, () -> net.output("images", 0));
        assertThrows(IllegalArgumentException.class, () -> net.output(" ", net.relu(x)));
        assertThrows(IllegalArgumentException.class, () -> net.output("z", 99));
        assertTrue(assertThrows(IllegalArgumentException.class, net::build).getMessage().contains("name it as an output"));
        assertThrows(IllegalStateException.class, () -> several().classes());
    }
}

package dev.fedtiny.engine.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.loss.ClassWeights;
import dev.fedtiny.engine.loss.CrossEntropy;
import dev.fedtiny.engine.loss.Loss;
import dev.fedtiny.engine.loss.MeanSquaredError;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trainer's step with everything that can be chosen. */
class TrainerTest {
    private static final Shape INPUT = new Shape(2, 6, 6);
    private static final int CLASSES = 5;

    @TempDir
    private Path folder;

    /** With a layer that has more values than a block of gradients, and one of few. */
    static ModelState model() {
        Network.Builder net = Network.builder(INPUT).block("all");
        int x = net.relu(net.conv2d("first", 0, 24, 3, 1, 1, true, true));
        x = net.relu(net.conv2d("second", x, 24, 3, 2, 1, false, true));
        net.linear("out", net.globalAveragePool(x), CLASSES, true, true);
        return Initializer.initialize(net.build(), 5);
    }

    static float[] images(int count, int seed) {
        float[] images = new float[count * INPUT.size()];
        RandomStream random = RandomStream.of(seed, "images");
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        return images;
    }

    static int[] labels(int count, int seed) {
        int[] labels = new int[count];
        Arrays.setAll(labels, i -> (i * 3 + seed) % CLASSES);
        return labels;
    }

    private static void assertSame(Session expected, Session actual, double tolerance) {
        for (int p = 0; p < expected.network().parameters().size(); p++) {
            assertArrayEquals(expected.values(p), actual.values(p), (float) tolerance, expected.network().parameters().get(p).name());
        }
    }

    /** Batches of unequal sizes and class weights make the step that one large batch makes. */
    @Test
    void accumulatedBatchesAreOneLargeOne() {
        for (ClassWeights weights : new ClassWeights[] {ClassWeights.EQUAL, ClassWeights.of(1, 5, 0.5f, 2, 0.1f)}) {
            Loss<int[]> loss = new CrossEntropy(0.1, weights);
            try (Session large = Session.open(model(), Mode.TRAINING, 16); Session small = Session.open(model(), Mode.TRAINING, 16)) {
                Trainer<int[]> once = Trainer.of(large).loss(loss).optimizer(new Sgd(0.9, 1e-3)).clip(new ClipByNorm(0.01)).build();
                Trainer<int[]> pieces = Trainer.of(small).optimizer(new Sgd(0.9, 1e-3)).clip(new ClipByNorm(0.01)).accumulate(3)
                        .loss(loss).build();
                float[] images = images(14, 1);
                int[] labels = labels(14, 2);
                for (int step = 0; step < 2; step++) {
                    once.step(images, labels, 0.1);
                    int from = 0;
                    for (int to : new int[] {3, 11, 14}) {
                        float[] before = small.values(0).clone();
                        pieces.step(Arrays.copyOfRange(images, from * INPUT.size(), to * INPUT.size()),
                                Arrays.copyOfRange(labels, from, to), 0.1);
                        assertEquals(to < 14, Arrays.equals(before, small.values(0)));
                        from = to;
                    }
                    assertEquals(once.gradientSize(), pieces.gradientSize(), 1e-5 * once.gradientSize());
                    assertSame(large, small, 1e-6);
                }
                // A step of fewer batches, as at the end of an epoch; then there is nothing left to finish.
                once.step(images(8, 3), labels(8, 3), 0.1);
                pieces.step(images(8, 3), labels(8, 3), 0.1);
                assertThrows(IllegalStateException.class, () -> pieces.save(folder.resolve("pending")));
                pieces.finish(0.1);
                float[] after = small.values(0).clone();
                pieces.finish(0.1);
                assertArrayEquals(after, small.values(0));
                assertSame(large, small, 1e-6);
            }
        }
    }

    /** Everything at once has the same bits for any number of threads, and holds the bytes that were said before. */
    @Test
    void threadsChangeNoBitAndBytesAreKnown() {
        Optimizer optimizer = new ParameterGroups(new AdamW(0.01)).with("*.bias", new Sgd(0.5, 0), 3).with("out.*", new Sgd(0, 0));
        GradientClip[] clips = {new ClipByNorm(0.05), new ClipByValue(1e-3)};
        for (GradientClip clip : clips) {
            try (Workers one = Workers.of(1); Workers two = Workers.of(2);
                    Session first = Session.open(model(), Mode.TRAINING, 8, one, SessionOptions.DEFAULT);
                    Session second = Session.open(model(), Mode.TRAINING, 8, two, SessionOptions.DEFAULT)) {
                double[] sizes = new double[2];
                Session[] sessions = {first, second};
                for (int i = 0; i < 2; i++) {
                    Trainer<int[]> trainer = Trainer.of(sessions[i]).optimizer(optimizer).clip(clip).accumulate(2).build();
                    for (int step = 0; step < 6; step++) {
                        trainer.step(images(8, step), labels(8, step), 0.05);
                    }
                    sizes[i] = trainer.gradientSize();
                    int[] kept = sessions[i].network().parameters().stream().mapToInt(p -> p.size()).toArray();
                    long accumulated = Trainer.accumulationBytes(first.network(), kept);
                    assertEquals(4L * Arrays.stream(kept).sum(), accumulated);
                    assertEquals(optimizer.stateBytes(first.network(), kept) + clip.bytes(first.network(), kept) + accumulated,
                            trainer.bytes());
                    assertEquals(4 * (2 * (432 + 5184) + 24 + 5) + 8 * (1 + 1 + 2 + 1 + 1) + accumulated, trainer.bytes());
                }
                assertEquals(sizes[0], sizes[1]);
                assertSame(first, second, 0);
            }
        }
    }

    @Test
    void gradientsAreClipped() {
        try (Session session = Session.open(model(), Mode.TRAINING, 8)) {
            GradientClip.Clipper norm = new ClipByNorm(1e-3).bind(session);
            GradientClip.Clipper loose = new ClipByNorm(1e3).bind(session);
            GradientClip.Clipper value = new ClipByValue(1e-5).bind(session);
            assertThrows(IllegalStateException.class, norm::clip);
            session.setImages(images(8, 1), 8);
            session.forward(8);
            session.backward(new CrossEntropy(), labels(8, 1));
            double squares = 0;
            for (int p = 0; p < 5; p++) {
                for (float g : session.gradient(p)) {
                    squares += (double) g * g;
                }
            }
            assertEquals(Math.sqrt(squares), loose.clip(), 1e-12);
            assertEquals(Math.sqrt(squares), norm.clip(), 1e-12);
            assertEquals(1e-3, loose.clip(), 1e-8);
            float largest = 0;
            for (int p = 0; p < 5; p++) {
                for (float g : session.gradient(p)) {
                    largest = Math.max(largest, Math.abs(g));
                }
            }
            assertEquals(largest, value.clip());
            assertTrue(largest > 1e-5);
            assertEquals((float) 1e-5, value.clip());
        }
        assertThrows(IllegalArgumentException.class, () -> new ClipByNorm(0));
        assertThrows(IllegalArgumentException.class, () -> new ClipByValue(Double.NaN));
    }

    @Test
    void groupsAreUpdatedByTheirOwnRules() {
        Optimizer optimizer = new ParameterGroups(new Sgd(0, 0)).with("first.*", new Sgd(0, 0), 0)
                .with("*.bias", new Sgd(0, 0.5), 2).with("*", new Sgd(0, 0), 7).with("out.weight", new Sgd(0, 0), 100);
        try (Session session = Session.open(model(), Mode.TRAINING, 8)) {
            ModelState before = session.state();
            Trainer.of(session).optimizer(optimizer).build().step(images(8, 1), labels(8, 1), 0.01);
            double[] factors = {0, 0, 7, 7, 2};
            for (int p = 0; p < 5; p++) {
                double decay = p == 4 ? 0.5 : 0;
                for (int i = 0; i < before.values(p).length; i++) {
                    float w = before.values(p)[i];
                    assertEquals(-0.01 * factors[p] * (session.gradient(p)[i] + decay * w), session.values(p)[i] - w, 1e-7);
                }
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new ParameterGroups(new Sgd(0, 0)).with("*", new Sgd(0, 0), -1));
    }

    /** Misspelt names would leave their parameters to another group's rule; what is frozen has its name still. */
    @Test
    void namesThatNoParameterHasAreRefused() {
        ParameterGroups groups = new ParameterGroups(new Sgd(0, 0)).with("first.*", new Sgd(0, 0.5)).with("otu.*", new Sgd(0, 0), 10);
        try (Session session = Session.open(model().freeze("first.*"), Mode.TRAINING, 8)) {
            String message = assertThrows(IllegalArgumentException.class, () -> Trainer.of(session).optimizer(groups).build())
                    .getMessage();
            assertTrue(message.contains("'otu.*' names none of the network's parameters; the nearest are 'out.weight', 'out.bias' of 5"),
                    message);
            assertThrows(IllegalArgumentException.class, () -> groups.stateBytes(session.network(), new int[5]));
            new ParameterGroups(new Sgd(0, 0)).with("first.*", new Sgd(0, 0.5)).bind(session);
        }
        assertTrue(assertThrows(IllegalArgumentException.class, () -> model().network().indexOf("out.wieght")).getMessage()
                .contains("the nearest are 'out.weight'"));
    }

    /** A rate that only a group's factor makes too large is named before anything is computed. */
    @Test
    void aRateTooLargeForAGroupIsRefusedBeforeThePass() {
        Optimizer groups = new ParameterGroups(new Adam()).with("out.*", new Sgd(0, 0), 1e30);
        try (Session session = Session.open(model(), Mode.TRAINING, 8); Session untouched = Session.open(model(), Mode.TRAINING, 8)) {
            Trainer<int[]> trainer = Trainer.of(session).optimizer(groups).build();
            String message = assertThrows(IllegalArgumentException.class, () -> trainer.step(images(8, 1), labels(8, 1), 1e10))
                    .getMessage();
            assertTrue(message.contains("learning rate 1.0E10 times the factor 1.0E30 of 'out.weight'"), message);
            assertThrows(IllegalStateException.class, session::outputs, "a pass was run");
            trainer.step(images(8, 1), labels(8, 1), 0);
            assertThrows(IllegalArgumentException.class, () -> trainer.finish(1e10));
            assertThrows(IllegalArgumentException.class, () -> groups.bind(session).step(1e10));
            assertSame(untouched, session, 0);
        }
    }

    /** A regression: other targets than labels, evaluated on running values that training goes on from. */
    @Test
    void trainsOnValuesAndEvaluates() {
        float[] images = images(8, 1);
        float[] targets = new float[8 * CLASSES];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = i % 3;
        }
        try (Session session = Session.open(model(), Mode.TRAINING, 8)) {
            Trainer<float[]> trainer = Trainer.of(session).optimizer(new Adam()).loss(new MeanSquaredError()).build();
            double first = trainer.evaluate(images, targets);
            assertEquals(first, trainer.step(images, targets, 0.01), 1e-5 * first);
            for (int step = 0; step < 30; step++) {
                trainer.step(images, targets, 0.01);
            }
            double last = trainer.evaluate(images, targets);
            assertTrue(last < 0.5 * first, first + " to " + last);
            assertEquals(8 * CLASSES, trainer.evaluate(images).outputs().length);
            try (Session evaluated = trainer.evaluate(images)) {
                assertFalse(evaluated.isClosed());
            }
            assertEquals(last, trainer.evaluate(images, targets), "after its session has been closed");
            String message = assertThrows(IllegalArgumentException.class, () -> trainer.step(new float[73], targets, 0.1)).getMessage();
            assertTrue(message.contains("73 values of images; an image of 2×6×6 has 72"), message);
            assertThrows(IllegalArgumentException.class, () -> trainer.step(images, new float[3], 0.1));
            assertThrows(IllegalArgumentException.class, () -> Trainer.of(session).accumulate(0));
        }
    }

    /** What has been accumulated waits for the next batch that goes through. */
    @Test
    void aBatchThatFailsIsLeftOut() {
        float[] images = images(4, 1);
        float[] targets = new float[4 * CLASSES];
        float[] absurd = targets.clone();
        Arrays.fill(absurd, 3e38f);
        try (Session session = Session.open(model(), Mode.TRAINING, 4); Session plain = Session.open(model(), Mode.TRAINING, 4)) {
            Trainer<float[]> trainer = Trainer.of(session).loss(new MeanSquaredError().summed()).accumulate(3).build();
            Trainer<float[]> expected = Trainer.of(plain).loss(new MeanSquaredError().summed()).accumulate(3).build();
            trainer.step(images, targets, 0.01);
            assertThrows(NonFiniteException.class, () -> trainer.step(images, absurd, 0.01));
            String said = assertThrows(IllegalStateException.class, () -> trainer.finish(0.01)).getMessage();
            assertTrue(said.contains("the last backward pass failed"), said);
            trainer.step(images(3, 2), new float[3 * CLASSES], 0.01);
            trainer.finish(0.01);
            expected.step(images, targets, 0.01);
            expected.step(images(3, 2), new float[3 * CLASSES], 0.01);
            expected.finish(0.01);
            assertSame(plain, session, 0);
        }
    }
}

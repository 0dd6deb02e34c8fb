package dev.fedtiny.engine.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Shape;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OptimizerTest {
    private static final ModelState STATE =
            Initializer.initialize(new NetworkSpec(Architecture.ofKey("cnn-8-8-8"), new Shape(3, 32, 32), 1, 10).build(), 3);

    private static float[] images(int count) {
        float[] images = new float[count * 3 * 32 * 32];
        RandomStream random = RandomStream.of(5, "images");
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        return images;
    }

    private interface Rule {
        void step(double[] w, double[] g, int step);
    }

    /** Runs three steps and compares every value with a rule in double, fed with the session's own gradients. */
    private static void compare(Optimizer optimizer, Rule[] rules) {
        try (Session session = Session.open(STATE, Mode.TRAINING, 4)) {
            Optimizer.Updater updater = optimizer.bind(session);
            session.setImages(images(4), 4);
            int parameters = session.network().parameters().size();
            double[][] expected = new double[parameters][];
            for (int step = 1; step <= 3; step++) {
                session.forward(4);
                session.backward();
                for (int p = 0; p < parameters; p++) {
                    expected[p] = expected[p] == null ? widen(session.values(p)) : expected[p];
                    rules[p].step(expected[p], widen(session.gradient(p)), step);
                }
                updater.step(0.05);
            }
            for (int p = 0; p < parameters; p++) {
                assertArrayEquals(expected[p], widen(session.values(p)), 2e-6, session.network().parameters().get(p).name());
            }
        }
    }

    private static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static Rule[] rules(java.util.function.IntFunction<Rule> maker) {
        Rule[] rules = new Rule[STATE.network().parameters().size()];
        for (int p = 0; p < rules.length; p++) {
            rules[p] = maker.apply(STATE.values(p).length);
        }
        return rules;
    }

    @Test
    void sgdIsTorchs() {
        compare(new Sgd(0, 1e-2), rules(n -> (w, g, step) -> {
            for (int i = 0; i < n; i++) {
                w[i] -= 0.05 * (g[i] + 1e-2 * w[i]);
            }
        }));
        compare(new Sgd(0.9, 1e-2), rules(n -> {
            double[] v = new double[n];
            return (w, g, step) -> {
                for (int i = 0; i < n; i++) {
                    v[i] = 0.9 * v[i] + g[i] + 1e-2 * w[i];
                    w[i] -= 0.05 * v[i];
                }
            };
        }));
    }

    @Test
    void firstAdamStepsHaveTheSizeOfTheRate() {
        try (Session session = Session.open(STATE, Mode.TRAINING, 4)) {
            Optimizer.Updater updater = Adam.amsgrad(0).bind(session);
            session.setImages(images(4), 4);
            session.forward(4);
            session.backward();
            float[] before = session.values(0).clone();
            float[] gradient = session.gradient(0).clone();
            updater.step(0.05);
            for (int i = 0; i < before.length; i++) {
                if (Math.abs(gradient[i]) > 1e-4) {
                    assertEquals(before[i] - 0.05 * Math.signum(gradient[i]), session.values(0)[i], 1e-4);
                }
            }
        }
    }

    @Test
    void threadsDoNotChangeABitAndTrainingLowersTheLoss() {
        ModelState[] results = new ModelState[2];
        for (int threads = 1; threads <= 2; threads++) {
            try (Workers workers = Workers.of(threads);
                    Session session = Session.open(STATE, Mode.TRAINING, 8, workers, AlgorithmPolicy.AUTOMATIC)) {
                Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0.9, 1e-4)).build();
                int[] labels = {0, 1, 2, 3, 4, 5, 6, 7};
                double first = trainer.step(images(8), labels, 0.02);
                double last = first;
                for (int step = 0; step < 10; step++) {
                    last = trainer.step(images(8), labels, 0.02);
                }
                assertTrue(last < first, first + " to " + last);
                results[threads - 1] = session.state();
            }
        }
        for (int p = 0; p < STATE.network().parameters().size(); p++) {
            assertArrayEquals(results[0].values(p), results[1].values(p));
        }
    }

    @Test
    void schedulesHaveTheirEnds() {
        assertEquals(0.1, new LearningRateSchedule.Exponential(0.1, 0.01).at(0, 300));
        assertEquals(0.1 * Math.sqrt(0.1), new LearningRateSchedule.Exponential(0.1, 0.01).at(150, 300), 1e-15);
        assertEquals(0.055, new LearningRateSchedule.Cosine(0.1, 0.01).at(150, 300), 1e-15);
        assertEquals(0.3, new LearningRateSchedule.Constant(0.3).at(7, 9));
        LearningRateSchedule steps = new LearningRateSchedule.Step(0.8, 0.5, 10);
        assertEquals(0.8, steps.at(9, 30));
        assertEquals(0.4, steps.at(10, 30));
        assertEquals(0.2, steps.at(29, 30));
        LearningRateSchedule warm = new LearningRateSchedule.WarmUp(3, new LearningRateSchedule.Cosine(0.8, 1e-9));
        assertArrayEquals(new double[] {0.2, 0.4, 0.6, 0.8, 0.4}, IntStream.of(0, 1, 2, 3, 8).mapToDouble(r -> warm.at(r, 13)).toArray(),
                1e-8);
        assertThrows(IllegalArgumentException.class, () -> new LearningRateSchedule.WarmUp(0, steps));
        assertThrows(IllegalArgumentException.class, () -> new LearningRateSchedule.Step(0.1, 0, 3));
        assertThrows(IllegalArgumentException.class, () -> new LearningRateSchedule.Constant(0));
        assertThrows(IllegalArgumentException.class, () -> new Sgd(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Adam(0.9, 1, 1e-8, 0, false));
    }

    /** A regression: Adam's powers made arrays, which C2 does without at most places, and the interpreter at none. */
    @Test
    void rulesAllocateNothingEvenWhereNothingIsCompiled() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (UpdateRule rule : List.of(new Sgd(0.9, 5e-4), Adam.amsgrad(1e-3), new AdamW(0.01), new RmsProp(0.9, 1e-8, 0, 0.9, true))) {
            float[][] state = new float[rule.state().size()][4];
            float[] values = {1, 2, 3, 4};
            float[] gradient = {1, -1, 2, -2};
            long least = Long.MAX_VALUE;
            // The first loads classes; a square is a power that needs no arrays.
            for (int step = 3; step <= 7; step++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                rule.update(0.01, step, values, gradient, state, 0, 4);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(0, least, rule.toString());
        }
    }
}

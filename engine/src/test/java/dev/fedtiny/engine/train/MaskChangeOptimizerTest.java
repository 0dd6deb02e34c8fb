package dev.fedtiny.engine.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an optimiser remembers follows its positions when masks change between steps: compared with optimisers in double over dense arrays,
 * whose state is kept by flat position and set to zero where a position is pruned.
 */
class MaskChangeOptimizerTest {
    private static final int BATCH = 6;
    private static final double RATE = 0.03;
    private static final double DECAY = 1e-3;

    private static Network network() {
        Network.Builder net = Network.builder(new Shape(2, 6, 6)).block("all");
        int x = net.relu(net.batchNorm2d("norm", net.conv2d("first", 0, 12, 3, 1, 1, false, true)));
        x = net.relu(net.conv2d("second", x, 8, 3, 2, 1, true, true));
        net.linear("out", net.globalAveragePool(x), 4, true, true);
        return net.build();
    }

    private static List<Mask> masks(Network network, double density, int seed) {
        List<Mask> masks = new ArrayList<>();
        for (int p = 0; p < network.parameters().size(); p++) {
            int size = network.parameters().get(p).size();
            RandomStream random = RandomStream.of(seed, "mask", p);
            masks.add(network.parameters().get(p).prunable()
                    ? Mask.of(size, IntStream.range(0, size).filter(_ -> random.nextDouble() < density).toArray()) : Mask.full(size));
        }
        return masks;
    }

    private static void feed(Session session, int seed) {
        float[] images = new float[BATCH * session.network().input().size()];
        RandomStream random = RandomStream.of(seed, "images");
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        session.setImages(images, BATCH);
        for (int i = 0; i < BATCH; i++) {
            session.labels()[i] = i % session.network().classes();
        }
    }

    /** An optimiser of one parameter in double, over all positions. */
    private abstract static class Dense {
        abstract double change(int at, double w, double g, int step);

        abstract void forget(int at);
    }

    private static final class DenseSgd extends Dense {
        private final Kind kind;
        private final double[] velocity;

        DenseSgd(int size, Kind kind) {
            this.kind = kind;
            velocity = new double[size];
        }

        @Override
        double change(int at, double w, double gradient, int step) {
            double g = gradient + DECAY * w;
            velocity[at] = 0.9 * velocity[at] + (kind == Kind.DAMPENED && step > 1 ? 0.5 : 1) * g;
            return -RATE * (kind == Kind.NESTEROV ? g + 0.9 * velocity[at] : velocity[at]);
        }

        @Override
        void forget(int at) {
            velocity[at] = 0;
        }
    }

    private static final class DenseAdam extends Dense {
        private final Kind kind;
        private final double[] first;
        private final double[] second;
        private final double[] largest;

        DenseAdam(int size, Kind kind) {
            this.kind = kind;
            first = new double[size];
            second = new double[size];
            largest = new double[size];
        }

        @Override
        double change(int at, double w, double gradient, int step) {
            double g = gradient + (kind == Kind.ADAMW ? 0 : DECAY * w);
            first[at] = 0.9 * first[at] + 0.1 * g;
            second[at] = 0.999 * second[at] + 0.001 * g * g;
            largest[at] = kind == Kind.AMSGRAD ? Math.max(largest[at], second[at]) : second[at];
            double root = Math.sqrt(largest[at]) / Math.sqrt(1 - Math.pow(0.999, step));
            return -RATE / (1 - Math.pow(0.9, step)) * first[at] / (root + 1e-8) - (kind == Kind.ADAMW ? RATE * DECAY * w : 0);
        }

        @Override
        void forget(int at) {
            first[at] = 0;
            second[at] = 0;
            largest[at] = 0;
        }
    }

    /** RMSprop with centring and momentum. */
    private static final class DenseRmsProp extends Dense {
        private final double[] square;
        private final double[] mean;
        private final double[] velocity;

        DenseRmsProp(int size) {
            square = new double[size];
            mean = new double[size];
            velocity = new double[size];
        }

        @Override
        double change(int at, double w, double gradient, int step) {
            double g = gradient + DECAY * w;
            square[at] = 0.9 * square[at] + 0.1 * g * g;
            mean[at] = 0.9 * mean[at] + 0.1 * g;
            velocity[at] = 0.5 * velocity[at] + g / (Math.sqrt(square[at] - mean[at] * mean[at]) + 1e-3);
            return -RATE * velocity[at];
        }

        @Override
        void forget(int at) {
            square[at] = 0;
            mean[at] = 0;
            velocity[at] = 0;
        }
    }

    private enum Kind {
        SGD(new Sgd(0.9, DECAY)), NESTEROV(Sgd.nesterov(0.9, DECAY)), DAMPENED(new Sgd(0.9, 0.5, DECAY, false)),
        ADAM(new Adam(0.9, 0.999, 1e-8, DECAY, false)), AMSGRAD(Adam.amsgrad(DECAY)), ADAMW(new AdamW(DECAY)),
        RMSPROP(new RmsProp(0.9, 1e-3, DECAY, 0.5, true));

        private final UpdateRule rule;

        Kind(UpdateRule rule) {
            this.rule = rule;
        }

        Dense dense(int size) {
            return switch (this) {
                case SGD, NESTEROV, DAMPENED -> new DenseSgd(size, this);
                case ADAM, AMSGRAD, ADAMW -> new DenseAdam(size, this);
                case RMSPROP -> new DenseRmsProp(size);
            };
        }
    }

    /** The updater under test beside its dense twin; every step is compared change by change. */
    private static final class Twins {
        private final Session session;
        private final Kind kind;
        private final Optimizer.Updater updater;
        private final Dense[] dense;
        private int steps;

        Twins(Session session, Kind kind) {
            this.session = session;
            this.kind = kind;
            this.updater = kind.rule.bind(session);
            this.dense = session.network().parameters().stream().map(p -> kind.dense(p.size())).toArray(Dense[]::new);
        }

        void load(ModelState state) {
            session.load(state);
            forgetPruned();
        }

        void forgetPruned() {
            for (int p = 0; p < dense.length; p++) {
                for (int i = 0; i < session.mask(p).size(); i++) {
                    if (!session.mask(p).contains(i)) {
                        dense[p].forget(i);
                    }
                }
            }
        }

        void step(int seed) {
            feed(session, seed);
            session.forward(BATCH);
            session.backward();
            List<float[]> before = session.state().allValues();
            updater.step(RATE);
            steps++;
            for (int p = 0; p < dense.length; p++) {
                if (session.gradient(p) == null) {
                    continue;
                }
                for (int i = 0; i < before.get(p).length; i++) {
                    float w = before.get(p)[i];
                    double expected = dense[p].change(session.mask(p).index(i), w, session.gradient(p)[i], steps);
                    assertEquals(expected, (double) session.values(p)[i] - w, 1e-6 + 2e-4 * Math.abs(expected),
                            session.network().parameters().get(p).name() + ", active position " + i + ", step " + steps);
                }
            }
            assertEquals(stateBytes(), updater.bytes());
        }

        private long stateBytes() {
            long kept = 0;
            for (int p = 0; p < dense.length; p++) {
                kept += session.gradient(p) == null ? 0 : session.values(p).length;
            }
            return kept * 4 * kind.rule.state().size();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void stateFollowsPositions(int threads) {
        Network network = network();
        for (Kind kind : Kind.values()) {
            ModelState state = Initializer.initialize(network, 3).masked(masks(network, 0.5, 1));
            try (Workers workers = Workers.of(threads);
                    Session session = Session.open(state, Mode.TRAINING, 8, workers, SessionOptions.DEFAULT)) {
                Twins twins = new Twins(session, kind);
                twins.step(1);
                twins.step(2);
                // Other positions, as many or not; then more, then fewer, then none of some layer, then all.
                double[] densities = {0.5, 0.8, 0.2, 0.01, 1, 0.4};
                for (int i = 0; i < densities.length; i++) {
                    twins.load(session.state().masked(masks(network, densities[i], 10 + i)));
                    twins.step(20 + i);
                    twins.step(40 + i);
                }
                // The same masks, and other values under them: state stays.
                twins.load(session.state());
                twins.step(60);
                twins.load(Initializer.initialize(network, 9).masked(session.state().masks()));
                twins.step(61);
                // Pruned and grown again between two steps: begins anew.
                List<Mask> now = session.state().masks();
                twins.load(session.state().masked(masks(network, 0.3, 70)));
                twins.load(session.state().masked(now));
                twins.step(62);
                // Arrays handed over.
                session.load(session.state().masked(masks(network, 0.6, 71)), ArrayOwnership.TAKEN_OVER);
                twins.forgetPruned();
                twins.step(63);
            }
        }
    }

    /** Each of several optimisers on one session follows the masks by itself, also one that has not taken a step for long. */
    @Test
    void severalOptimisersOnOneSession() {
        Network network = network();
        try (Session session = Session.open(Initializer.initialize(network, 3).masked(masks(network, 0.5, 1)), Mode.TRAINING, 8)) {
            Twins first = new Twins(session, Kind.SGD);
            Twins second = new Twins(session, Kind.AMSGRAD);
            first.step(1);
            second.step(2);
            for (int change = 0; change < 3; change++) {
                session.load(session.state().masked(masks(network, 0.3 + 0.2 * change, 30 + change)));
                first.forgetPruned();
                second.forgetPruned();
                first.step(3 + change);
            }
            second.step(9);
        }
    }

    @Test
    void aStepThatFailsChangesNothing() {
        Network network = network();
        ModelState state = Initializer.initialize(network, 3).masked(masks(network, 0.5, 1));
        try (Session session = Session.open(state, Mode.TRAINING, 8); Session untouched = Session.open(state, Mode.TRAINING, 8)) {
            Optimizer.Updater updater = new Sgd(0.9, DECAY).bind(session);
            Optimizer.Updater other = new Sgd(0.9, DECAY).bind(untouched);
            for (int step = 0; step < 3; step++) {
                for (Session one : List.of(session, untouched)) {
                    one.load(one.state().masked(masks(network, 0.4 + 0.1 * step, 50 + step)));
                }
                // Gradients are of the masks before the load.
                assertThrows(IllegalStateException.class, () -> updater.step(RATE));
                for (Session one : List.of(session, untouched)) {
                    feed(one, step);
                    one.forward(BATCH);
                    one.backward();
                }
                assertThrows(IllegalArgumentException.class, () -> updater.step(Double.NaN));
                assertThrows(IllegalArgumentException.class, () -> updater.step(-1));
                assertThrows(IllegalArgumentException.class, () -> updater.step(1e39));
                updater.step(RATE);
                other.step(RATE);
                for (int p = 0; p < network.parameters().size(); p++) {
                    assertArrayEquals(untouched.values(p), session.values(p), network.parameters().get(p).name());
                }
            }
        }
    }

    /** The trainer's own path, as an application has it: a mask change between two steps. */
    @Test
    void aTrainerGoesOnAfterAMaskChange() {
        Network network = network();
        ModelState state = Initializer.initialize(network, 3).masked(masks(network, 0.2, 1));
        float[] images = new float[BATCH * network.input().size()];
        RandomStream random = RandomStream.of(8, "images");
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        int[] labels = {0, 1, 2, 3, 0, 1};
        try (Session session = Session.open(state, Mode.TRAINING, BATCH)) {
            Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0.9, 0)).build();
            trainer.step(images, labels, RATE);
            session.load(session.state().masked(masks(network, 0.9, 2)));
            float[] before = session.values(0).clone();
            trainer.step(images, labels, RATE);
            Mask old = state.mask(0);
            for (int i = 0; i < before.length; i++) {
                if (!old.contains(session.mask(0).index(i))) {
                    assertEquals(-RATE * session.gradient(0)[i], session.values(0)[i] - before[i], 1e-7, "new position " + i);
                }
            }
        }
    }
}

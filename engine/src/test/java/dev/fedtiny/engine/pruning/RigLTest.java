package dev.fedtiny.engine.pruning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.loss.CrossEntropy;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Exchanged weights against dense gradients, and training with them. */
class RigLTest {
    private static final int BATCH = 8;

    private static ModelState model(double density) {
        Network.Builder net = Network.builder(new Shape(3, 8, 8)).block("all");
        int x = net.relu(net.batchNorm2d("norm", net.conv2d("first", 0, 8, 3, 1, 1, false, true)));
        x = net.relu(net.conv2d("middle", x, 16, 3, 2, 1, false, true));
        net.linear("out", net.globalAveragePool(x), 5, true, true);
        return new MagnitudePruning(Allocation.ERDOS_RENYI_KERNEL).prune(Initializer.initialize(net.build(), 4), density);
    }

    private static float[] images(int seed) {
        float[] images = new float[BATCH * 192];
        RandomStream random = RandomStream.of(seed, "images");
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        return images;
    }

    private static int[] labels(int seed) {
        return IntStream.range(0, BATCH).map(i -> (i + seed) % 5).toArray();
    }

    /** Positions that a layer keeps, worked out from the gradient at every position. */
    private static Set<Integer> expected(ModelState state, int p, float[] gradient, int count) {
        Mask mask = state.mask(p);
        List<Integer> smallest = Arrays.stream(mask.indices()).boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> Math.abs(state.dense(p)[i])).thenComparing(Comparator.reverseOrder()))
                .limit(count).toList();
        Set<Integer> kept = Arrays.stream(mask.indices()).boxed().collect(Collectors.toSet());
        kept.removeAll(smallest);
        IntStream.range(0, mask.size()).boxed().filter(i -> !kept.contains(i))
                .sorted(Comparator.comparingDouble((Integer i) -> -Math.abs(gradient[i])).thenComparing(Comparator.naturalOrder()))
                .limit(count).toList().forEach(kept::add);
        return kept;
    }

    @Test
    void theLargestGradientsGrow() {
        RigL rigl = new RigL(0.6, 10, 100);
        ModelState state = model(0.2);
        int[] prunable = state.network().prunable().stream().mapToInt(p -> p).toArray();
        for (int threads = 1; threads <= 2; threads++) {
            try (Workers workers = Workers.of(threads);
                    Session session = Session.open(state, Mode.TRAINING, BATCH, workers, SessionOptions.DEFAULT)) {
                session.setImages(images(1), BATCH);
                session.forward(BATCH);
                TopK[] all = Arrays.stream(prunable).mapToObj(p -> new TopK(state.mask(p).size())).toArray(TopK[]::new);
                session.backward(new CrossEntropy(), labels(1), prunable, all);
                float[][] gradients = new float[prunable.length][];
                for (int i = 0; i < prunable.length; i++) {
                    gradients[i] = state.mask(prunable[i]).scatter(session.gradient(prunable[i]));
                    TopK.Entries entries = all[i].sorted();
                    for (int j = 0; j < entries.indices().length; j++) {
                        gradients[i][entries.indices()[j]] = entries.values()[j];
                    }
                }
                session.forward(BATCH);
                int exchanged = rigl.update(session, new CrossEntropy(), labels(1), 20);
                int entered = 0;
                for (int i = 0; i < prunable.length; i++) {
                    int p = prunable[i];
                    int count = rigl.count(20, state.mask(p).count(), state.mask(p).size());
                    int free = state.mask(p).size() - state.mask(p).count();
                    assertEquals(Math.min(free, (int) (0.3 * (1 + Math.cos(Math.PI * 0.2)) * state.mask(p).count())), count);
                    assertEquals(expected(state, p, gradients[i], count),
                            Arrays.stream(session.mask(p).indices()).boxed().collect(Collectors.toSet()));
                    for (int j = 0; j < session.mask(p).count(); j++) {
                        int index = session.mask(p).index(j);
                        boolean stays = state.mask(p).contains(index);
                        entered += stays ? 0 : 1;
                        assertEquals(stays ? state.dense(p)[index] : 0, session.values(p)[j]);
                    }
                }
                assertEquals(entered, exchanged);
                assertTrue(exchanged > 20, exchanged + " exchanged");
            }
        }
    }

    /** Training with exchanges: counts stay, the loss falls, threads change no bit. */
    @Test
    void trainingWithExchangesIsDeterministic() {
        RigL rigl = new RigL(LayerSelection.PRUNABLE.withoutFirst(), 0.3, 5, 40);
        ModelState start = model(0.2);
        ModelState[] ends = new ModelState[2];
        for (int threads = 1; threads <= 2; threads++) {
            try (Workers workers = Workers.of(threads);
                    Session session = Session.open(start, Mode.TRAINING, BATCH, workers, SessionOptions.DEFAULT)) {
                Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0.9, 1e-4)).build();
                double first = Double.NaN;
                double last = Double.NaN;
                int exchanged = 0;
                for (int step = 0; step < 50; step++) {
                    if (rigl.due(step)) {
                        session.setImages(images(1), BATCH);
                        session.forward(BATCH);
                        exchanged += rigl.update(session, new CrossEntropy(), labels(1), step);
                    } else {
                        last = trainer.step(images(1), labels(1), 0.1);
                        first = step == 0 ? last : first;
                    }
                }
                assertTrue(exchanged > 0 && last < 0.5 * first, first + " to " + last + ", " + exchanged + " exchanged");
                ends[threads - 1] = session.state();
            }
        }
        assertEquals(start.mask(0), ends[0].mask(0));
        for (int p = 0; p < start.masks().size(); p++) {
            assertEquals(start.mask(p).count(), ends[0].mask(p).count());
            assertEquals(ends[0].mask(p), ends[1].mask(p));
            assertArrayEquals(ends[0].values(p), ends[1].values(p));
        }
    }

    @Test
    void whatCannotBeExchangedIsNamed() {
        ModelState state = model(0.2);
        RigL rigl = new RigL(0.3, 1, 10);
        int[] labels = new int[1];
        try (Session session = Session.open(state, Mode.INFERENCE, 1)) {
            String message = assertThrows(IllegalArgumentException.class, () -> rigl.update(session, new CrossEntropy(), labels, 1))
                    .getMessage();
            assertTrue(message.contains("is for INFERENCE"), message);
        }
        try (Session session = Session.open(state, Mode.TRAINING, 1)) {
            for (long step : new long[] {-1, 10, 11}) {
                String message = assertThrows(IllegalArgumentException.class,
                        () -> rigl.update(session, new CrossEntropy(), labels, step)).getMessage();
                assertTrue(message.contains("after step " + step), message);
            }
        }
        int p = state.network().prunable().getFirst();
        int pruned = IntStream.range(0, state.mask(p).size()).filter(i -> !state.mask(p).contains(i)).findFirst().orElseThrow();
        int count = state.mask(p).count();
        for (int[] places : new int[][] {{}, {0, 1}, {-1}, {count}}) {
            assertThrows(IllegalArgumentException.class, () -> GrowAndPrune.exchange(state, p, new int[] {pruned}, places));
        }
        String twice = assertThrows(IllegalArgumentException.class,
                () -> GrowAndPrune.exchange(state, p, new int[] {pruned, pruned}, new int[] {1, 1})).getMessage();
        assertTrue(twice.contains("place 1 is named twice"), twice);
        for (int[] grow : new int[][] {{pruned, pruned}, {pruned, state.mask(p).size()}, {pruned, state.mask(p).indices()[0]}}) {
            String message = assertThrows(IllegalArgumentException.class, () -> GrowAndPrune.exchange(state, p, grow, new int[] {0, 1}))
                    .getMessage();
            assertTrue(message.startsWith("grow '" + state.network().parameters().get(p).name() + "': position " + grow[1]), message);
            assertThrows(IllegalArgumentException.class,
                    () -> GrowAndPrune.apply(state, List.of(new LayerGradient(p, 2, grow, new double[] {1, 1}))));
        }
        assertThrows(IllegalArgumentException.class, () -> new LayerGradient(p, -1, new int[1], new double[1]));
        assertThrows(IllegalArgumentException.class, () -> new LayerGradient(p, 1, new int[1], new double[0]));
        assertEquals(count, GrowAndPrune.exchange(state, p, new int[] {pruned}, new int[] {1}).state().mask(p).count());
    }

    @Test
    void scheduleAndBuffersAreKnown() {
        RigL rigl = new RigL(0.3, 100, 1000);
        assertArrayEquals(new int[] {100, 200, 300, 400, 500, 600, 700, 800, 900},
                IntStream.range(0, 2000).filter(rigl::due).toArray());
        assertEquals(30, rigl.count(0, 100, 1000));
        assertEquals(5, rigl.count(0, 100, 105));
        ModelState state = model(0.2);
        int[] kept = IntStream.range(0, state.masks().size()).map(p -> state.mask(p).count()).toArray();
        long bytes = 0;
        for (int p : state.network().prunable()) {
            bytes += new TopK(rigl.count(100, kept[p], state.mask(p).size())).bytes();
        }
        assertEquals(bytes, rigl.bufferBytes(state.network(), kept, 100));
        assertThrows(IllegalArgumentException.class, () -> new RigL(0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new RigL(0.3, 0, 1));
    }
}

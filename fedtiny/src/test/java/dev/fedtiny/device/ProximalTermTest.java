package dev.fedtiny.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.method.LocalPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProximalTermTest {
    private static final int INPUTS = 12;
    private static final int CLASSES = 4;
    private static final int SAMPLES = 21;
    private static final int BATCH = 8;
    private static final double MU = 0.7;
    private static final double RATE = 0.2;
    private static final double MOMENTUM = 0.5;

    private static Network network() {
        Network.Builder builder = Network.builder(new Shape(INPUTS, 1, 1));
        builder.block("only");
        builder.linear("fc", builder.globalAveragePool(0), CLASSES, true, true);
        return builder.build();
    }

    private static ModelState sparse(Network network, long seed, int keepOf) {
        ModelState dense = Initializer.initialize(network, seed);
        List<Mask> masks = new ArrayList<>(dense.masks());
        masks.set(0, Mask.of(INPUTS * CLASSES, IntStream.range(0, INPUTS * CLASSES).filter(i -> i % keepOf != 1).toArray()));
        return dense.masked(masks);
    }

    /** Softmax regression by hand, in double: gradient of the mean cross entropy, plus µ·(w − w_t), then SGD with momentum. */
    private static double[][] reference(ModelState start, Samples data, int[][] batches) {
        double[] weight = dense(start, 0);
        double[] bias = dense(start, 1);
        double[] weightStart = weight.clone();
        double[] biasStart = bias.clone();
        double[] weightVelocity = new double[weight.length];
        double[] biasVelocity = new double[bias.length];
        float[] pixels = new float[INPUTS];
        for (int[] batch : batches) {
            double[] weightGradient = new double[weight.length];
            double[] biasGradient = new double[bias.length];
            for (int sample : batch) {
                data.write(sample, pixels, 0, 1);
                double[] outputs = new double[CLASSES];
                double sum = 0;
                for (int c = 0; c < CLASSES; c++) {
                    outputs[c] = bias[c];
                    for (int i = 0; i < INPUTS; i++) {
                        outputs[c] += weight[c * INPUTS + i] * pixels[i];
                    }
                    outputs[c] = Math.exp(outputs[c]);
                    sum += outputs[c];
                }
                for (int c = 0; c < CLASSES; c++) {
                    double slope = (outputs[c] / sum - (data.label(sample) == c ? 1 : 0)) / batch.length;
                    biasGradient[c] += slope;
                    for (int i = 0; i < INPUTS; i++) {
                        weightGradient[c * INPUTS + i] += slope * pixels[i];
                    }
                }
            }
            step(weight, weightStart, weightGradient, weightVelocity, start.mask(0));
            step(bias, biasStart, biasGradient, biasVelocity, start.mask(1));
        }
        return new double[][] {weight, bias};
    }

    private static void step(double[] values, double[] start, double[] gradient, double[] velocity, Mask mask) {
        for (int i = 0; i < values.length; i++) {
            if (mask.contains(i)) {
                velocity[i] = MOMENTUM * velocity[i] + gradient[i] + MU * (values[i] - start[i]);
                values[i] -= RATE * velocity[i];
            }
        }
    }

    private static double[] dense(ModelState state, int parameter) {
        float[] values = state.dense(parameter);
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static Samples samples() {
        RandomStream random = RandomStream.of(9, "proximal");
        float[][] pixels = new float[SAMPLES][INPUTS];
        for (float[] image : pixels) {
            for (int i = 0; i < INPUTS; i++) {
                image[i] = (random.nextInt(2001) - 1000) / 500f;
            }
        }
        return Samples.of(pixels, IntStream.range(0, SAMPLES).map(i -> i * 7 % CLASSES).toArray());
    }

    /** The batches that epochs of this purpose draw. */
    private static int[][] batches(int epochs) {
        int[] order = IntStream.range(0, SAMPLES).toArray();
        RandomStream shuffling = RandomStream.of(4, "local-shuffle", 0, 1);
        List<int[]> batches = new ArrayList<>();
        for (int epoch = 0; epoch < epochs; epoch++) {
            shuffling.shuffle(order);
            for (int from = 0; from < SAMPLES; from += BATCH) {
                batches.add(Arrays.copyOfRange(order, from, Math.min(SAMPLES, from + BATCH)));
            }
        }
        return batches.toArray(int[][]::new);
    }

    @Test
    void localTrainingIsPulledAsInDoublePrecision() {
        Network network = network();
        ModelState start = sparse(network, 2, 3);
        Samples data = samples();
        double[][] expected = reference(start, data, batches(3));
        try (Session session = Session.open(start, Mode.TRAINING, BATCH)) {
            Epochs epochs = new Epochs(session, data, new Sgd(MOMENTUM, 0), Augmentation.NONE, 4, "local", 0, 1)
                    .pulledBy(ProximalTerm.at(session, MU));
            LocalPlan plan = new LocalPlan(3, BATCH, new Sgd(MOMENTUM, 0), Augmentation.NONE, SessionOptions.DEFAULT, MU, 0);
            int[] active = start.masks().stream().mapToInt(Mask::count).toArray();
            assertEquals(plan.stateBytes(network, active), epochs.optimizerBytes(), "the estimate is what is held");
            for (int epoch = 0; epoch < 3; epoch++) {
                epochs.run(RATE);
            }
            ModelState trained = session.state();
            double moved = 0;
            for (int p = 0; p < 2; p++) {
                float[] dense = trained.dense(p);
                for (int i = 0; i < dense.length; i++) {
                    assertEquals(expected[p][i], dense[i], 2e-5, network.parameters().get(p).name() + " " + i);
                    moved = Math.max(moved, Math.abs(dense[i] - start.dense(p)[i]));
                }
            }
            assertTrue(moved > 0.05, "training moved values by at most " + moved);
        }
    }

    @Test
    void positionsThatEnterArePulledToZeroAndOthersToWhatTheyWere() {
        Network network = network();
        ModelState before = sparse(network, 2, 3);
        ModelState after = sparse(network, 5, 4);
        try (Session session = Session.open(before, Mode.TRAINING, BATCH)) {
            ProximalTerm term = ProximalTerm.at(session, MU);
            assertEquals(4L * (before.mask(0).count() + CLASSES), term.bytes());
            session.load(after);
            ProximalTerm moved = term.under(session);
            Samples data = samples();
            Epochs epochs = new Epochs(session, data, new Sgd(0, 0), Augmentation.NONE, 4, "local", 0, 1);
            epochs.run(1e-9, (current, _) -> {
                current.backward();
                float[] plain = current.gradient(0).clone();
                moved.add(current);
                for (int i = 0; i < plain.length; i++) {
                    float start = before.dense(0)[after.mask(0).index(i)];
                    assertEquals(plain[i] + (float) MU * (current.values(0)[i] - start), current.gradient(0)[i]);
                }
            });
            assertEquals(4L * (after.mask(0).count() + CLASSES), moved.bytes());
        }
    }
}

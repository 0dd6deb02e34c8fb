package dev.fedtiny.engine.internal.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ActivationPruningTest {
    private static final Network NETWORK = network();

    private static Network network() {
        Network.Builder builder = Network.builder(new Shape(2, 6, 6)).block("all");
        int x = builder.relu(builder.batchNorm2d("bn1", builder.conv2d("conv1", 0, 3, 3, 1, 1, false, true)));
        x = builder.relu(builder.conv2d("conv2", x, 4, 1, 1, 0, true, true));
        builder.linear("fc", builder.globalAveragePool(x), 3, true, true);
        return builder.build();
    }

    @Test
    void keepsTheLargestByMagnitude() {
        RandomStream random = RandomStream.of(5, "thinning");
        int[] counts = new int[2048];
        for (int trial = 0; trial < 200; trial++) {
            float[] data = new float[4 + random.nextInt(60)];
            for (int i = 0; i < data.length; i++) {
                data[i] = random.nextInt(3) == 0 ? 0 : (float) (random.nextGaussian() * StrictMath.pow(10, random.nextInt(9) - 4));
            }
            int from = 1;
            int floats = data.length - 2;
            float[] magnitudes = new float[floats];
            int nonZero = 0;
            for (int i = 0; i < floats; i++) {
                magnitudes[i] = Math.abs(data[from + i]);
                nonZero += magnitudes[i] > 0 ? 1 : 0;
            }
            Arrays.sort(magnitudes);
            double share = 0.05 + 0.9 * random.nextDouble();
            int keep = (int) Math.ceil(share * nonZero);
            float least = keep == 0 ? 0 : magnitudes[floats - keep];
            float[] expected = data.clone();
            for (int i = 0; i < floats; i++) {
                expected[from + i] = Math.abs(data[from + i]) < least ? 0 : data[from + i];
            }
            ActivationPruning.thin(data, from, floats, share, counts);
            assertArrayEquals(expected, data, "trial " + trial);
        }
    }

    private static Session trained(double share, int threads) {
        Session session = Session.open(Initializer.initialize(NETWORK, 9), Mode.TRAINING, 16, Workers.of(threads),
                AlgorithmPolicy.AUTOMATIC);
        RandomStream random = RandomStream.of(3, "images");
        float[] images = new float[13 * NETWORK.input().size()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        session.setImages(images, 13);
        for (int i = 0; i < 13; i++) {
            session.labels()[i] = i % 3;
        }
        session.keepActivations(share);
        session.forward(13);
        session.backward();
        return session;
    }

    @Test
    void onlyWeightGradientsBehindActivationsChange() {
        Session all = trained(1, 1);
        Session cut = trained(0.2, 1);
        Session cutByThree = trained(0.2, 3);
        assertEquals(all.lossSum(), cut.lossSum());
        int second = NETWORK.indexOf("conv2.weight");
        assertFalse(Arrays.equals(all.gradient(second), cut.gradient(second)));
        for (int p = 0; p < NETWORK.parameters().size(); p++) {
            if (all.gradient(p) != null && p != second) {
                assertArrayEquals(all.gradient(p), cut.gradient(p), NETWORK.parameters().get(p).name());
            }
            if (all.gradient(p) != null) {
                assertArrayEquals(cut.gradient(p), cutByThree.gradient(p), NETWORK.parameters().get(p).name());
            }
        }
        // What is left is a part of the whole, and most of it: the largest values carry the gradient.
        double dot = 0;
        double square = 0;
        for (int i = 0; i < all.gradient(second).length; i++) {
            dot += all.gradient(second)[i] * cut.gradient(second)[i];
            square += all.gradient(second)[i] * all.gradient(second)[i];
        }
        assertTrue(dot > 0 && dot < square, dot + " of " + square);
        assertThrows(IllegalArgumentException.class, () -> cut.keepActivations(0));
        assertThrows(IllegalArgumentException.class, () -> cut.keepActivations(1.5));
    }
}

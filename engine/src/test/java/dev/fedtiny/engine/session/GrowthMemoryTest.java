package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.fedtiny.engine.internal.plan.PlanAccess;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Shape;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Gradients at the pruned positions of a layer come without anything of the layer's dense size. */
class GrowthMemoryTest {
    private static final int CHANNELS = 768;

    /** A layer of 768 × 768 × 3 × 3 weights, 20 MiB dense, of which a thousandth is kept; its maps are small. */
    private static ModelState sparseState() {
        Network.Builder net = Network.builder(new Shape(CHANNELS, 4, 4)).block("b");
        int x = net.conv2d("wide", 0, CHANNELS, 3, 1, 1, false, true);
        net.linear("head", net.globalAveragePool(x), 2, true, false);
        Network network = net.build();
        int size = network.parameters().getFirst().size();
        RandomStream random = RandomStream.of(1, "growth-memory");
        int[] kept = new int[size / 1000];
        Arrays.setAll(kept, i -> 1000 * i + random.nextInt(1000));
        Mask mask = Mask.of(size, kept);
        List<Mask> masks = new ArrayList<>(List.of(mask));
        List<float[]> values = new ArrayList<>(List.of(new float[mask.count()]));
        for (int p = 1; p < network.parameters().size(); p++) {
            int n = network.parameters().get(p).size();
            masks.add(Mask.full(n));
            values.add(numbers(n, p));
        }
        return ModelState.of(network, masks, values);
    }

    private static float[] numbers(int count, int stream) {
        float[] numbers = new float[count];
        RandomStream random = RandomStream.of(2, "growth-memory", stream);
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    @Test
    void nothingOfTheLayersDenseSizeIsAllocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ModelState state = sparseState();
        long dense = 4L * state.mask(0).size();
        long before = threads.getCurrentThreadAllocatedBytes();
        try (Session session = Session.open(state, Mode.TRAINING, 8)) {
            long opened = threads.getCurrentThreadAllocatedBytes();
            float[] images = numbers(8 * CHANNELS * 16, 99);
            session.setImages(images, 8);
            TopK largest = new TopK(100);
            session.forward(8);
            session.backward(new int[] {0}, new TopK[] {largest});
            assertEquals(100, largest.count());
            assertTrue(session.bytes() < dense / 2, "the session holds " + session.bytes() + " bytes, the layer is " + dense + " dense");
            // Vectors are objects until C2 has compiled the kernels, so of what a pass allocates only what stays can be bounded.
            assertTrue(opened - before < dense / 2, (opened - before) + " bytes allocated, dense " + dense);
            largest.clear();
            session.forward(8);
            session.backward(new int[] {0}, new TopK[] {largest});
            assertEquals(100, largest.count());
        }
    }

    /** A growth batch that there is no memory for is refused, and leaves neither scratch too small for a step nor sinks behind. */
    @Test
    void aRefusedGrowthBatchLeavesTheSessionAsItWas() {
        Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 20, 3);
        for (int threads = 1; threads <= 2; threads++) {
            try (Workers workers = Workers.of(threads);
                    Session session = Session.open(sample.state(), Mode.TRAINING, 24, workers, SessionOptions.DEFAULT);
                    Session other = Session.open(sample.state(), Mode.TRAINING, 24, workers, SessionOptions.DEFAULT)) {
                int weight = session.network().prunable().getFirst();
                TopK refused = new TopK(5);
                long bytes = session.bytes();
                sample.feed(session);
                session.forward(20);
                PlanAccess.askForTheImpossible(session.core.pass.workspace);
                assertThrows(IllegalArgumentException.class, () -> session.backward(new int[] {weight}, new TopK[] {refused}));
                assertEquals(bytes, session.bytes());
                session.backward();
                assertEquals(0, refused.count());
                sample.feed(other);
                other.forward(20);
                other.backward();
                assertArrayEquals(other.gradient(weight), session.gradient(weight));
                session.load(sample.state());
                other.load(sample.state());
                assertEquals(SessionBits.step(other, sample), SessionBits.step(session, sample));
            }
        }
    }
}

package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A session that takes over other masks, against one opened with them: same bits, same bytes. */
class MaskChangeTest {
    /** Weights of more channels than a column block has, on narrow maps, with stride 1 and 2. */
    private static Network wide() {
        Network.Builder net = Network.builder(new Shape(3, 8, 8)).block("all");
        int x = net.relu(net.conv2d("stem", 0, 96, 1, 1, 0, false, false));
        x = net.relu(net.conv2d("strided", x, 80, 3, 2, 1, false, true));
        x = net.relu(net.conv2d("plain", x, 72, 3, 1, 1, false, true));
        net.linear("out", net.globalAveragePool(x), 5, true, true);
        return net.build();
    }

    /** As many positions of every weight, seen from the other end. */
    private static Sample mirrored(Sample sample) {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int p = 0; p < sample.state().network().parameters().size(); p++) {
            Mask mask = sample.state().mask(p);
            int[] kept = mask.indices();
            int[] mirrored = new int[kept.length];
            for (int i = 0; i < kept.length; i++) {
                mirrored[i] = mask.size() - 1 - kept[kept.length - 1 - i];
            }
            masks.add(Mask.of(mask.size(), mirrored));
            values.add(sample.state().values(p).clone());
        }
        return new Sample(ModelState.of(sample.state().network(), masks, values), sample.images(), sample.labels());
    }

    private static List<Long> fresh(Sample sample, AlgorithmPolicy algorithms) {
        try (Session session = Session.open(sample.state(), Mode.TRAINING, 16, Workers.of(1), algorithms)) {
            return SessionBits.step(session, sample);
        }
    }

    private static void check(Network network, Sparsity first, int images, AlgorithmPolicy algorithms, int threads) {
        Sample before = Sample.of(network, first, images, 3);
        // As many positions, then others and fewer, then again as many.
        List<Sample> next = List.of(mirrored(before), before, Sample.of(network, Sparsity.EMPTY_ROWS, images, 4),
                mirrored(Sample.of(network, Sparsity.EMPTY_ROWS, images, 4)));
        try (Workers workers = Workers.of(threads); Session session = Session.open(before.state(), Mode.TRAINING, 16, workers,
                algorithms)) {
            SessionBits.step(session, before);
            for (Sample sample : next) {
                session.load(sample.state());
                AlgorithmPolicy alike = algorithms.equals(Forms.WINOGRAD) ? algorithms
                        : new AlgorithmPolicy.Always(ConvolutionAlgorithm.DENSE);
                assertEquals(fresh(sample, alike), SessionBits.step(session, sample), algorithms + " on " + threads + " threads");
                for (MemoryCategory category : List.of(MemoryCategory.VALUES, MemoryCategory.INDICES, MemoryCategory.TRANSPOSED)) {
                    assertEquals(MemoryEstimate.of(sample.state(), Mode.TRAINING, 16, threads,
                            SessionOptions.DEFAULT.withAlgorithms(algorithms))
                            .of(category), session.ledger().live(category), category.toString());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.fedtiny.engine.session.Forms#all")
    void sameBitsAndBytesAsASessionOpenedOnTheMask(AlgorithmPolicy algorithms) {
        for (int threads = 1; threads <= 3; threads++) {
            check(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 11, algorithms, threads);
            check(TestNetworks.plain(), Sparsity.EMPTY_LAYER, 11, algorithms, threads);
            check(TestNetworks.narrow(), Sparsity.THIRTY_PERCENT, 11, algorithms, threads);
            check(TestNetworks.even(), Sparsity.THIRTY_PERCENT, 11, algorithms, threads);
        }
    }

    @Test
    void sameBitsWithManyColumnBlocks() {
        check(wide(), Sparsity.THIRTY_PERCENT, 2, new AlgorithmPolicy.Always(ConvolutionAlgorithm.CSR), 2);
    }

    @Test
    void asManyPositionsArePackedInPlace() {
        var memory = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Sample before = Sample.of(wide(), Sparsity.THIRTY_PERCENT, 11, 3);
        ModelState after = mirrored(before).state();
        try (Session session = Session.open(before.state(), Mode.TRAINING, 16, Workers.of(1),
                new AlgorithmPolicy.Always(ConvolutionAlgorithm.CSR))) {
            long packed = session.ledger().live(MemoryCategory.TRANSPOSED);
            session.load(after);
            session.load(before.state());
            long start = memory.getCurrentThreadAllocatedBytes();
            session.load(after);
            long allocated = memory.getCurrentThreadAllocatedBytes() - start;
            assertTrue(allocated < packed / 4, allocated + " bytes for a pack of " + packed);
        }
    }

    @Test
    void gradientsNeedAForwardPassWithTheNewMask() {
        Sample before = Sample.of(TestNetworks.tiny(), Sparsity.THIRTY_PERCENT, 11, 3);
        try (Session session = Session.open(before.state(), Mode.TRAINING, 16)) {
            before.feed(session);
            session.forward(11);
            session.load(mirrored(before).state());
            assertThrows(IllegalStateException.class, session::backward);
            session.forward(11);
            session.backward();
        }
    }
}

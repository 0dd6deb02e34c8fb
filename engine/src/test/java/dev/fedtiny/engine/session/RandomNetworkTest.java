package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.onnx.OnnxFile;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Layout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What holds for every network, of random ones: few images give what many give, a session that takes over other masks gives what a fresh
 * one gives and holds what was estimated, and files hold the network. A failure names the seed.
 */
class RandomNetworkTest {
    /** A file writes some arithmetic otherwise: a product and a sum in place of one operation, for example. */
    private static final double FILE_ROUNDING = 1e-4;

    @TempDir
    private Path folder;

    @Test
    void layersOfEveryKind() throws IOException {
        check(RandomNetworks::any, 0, 20);
    }

    @Test
    void depthwiseNetworks() throws IOException {
        check(RandomNetworks::depthwise, 0, 10);
    }

    @Test
    @Tag("long")
    void manyMore() throws IOException {
        check(RandomNetworks::any, 20, 600);
        check(RandomNetworks::depthwise, 10, 300);
    }

    private void check(LongFunction<Network> networks, long first, long count) throws IOException {
        try (Workers workers = Workers.of(2)) {
            for (long seed : LongStream.range(first, first + count).toArray()) {
                Network network = networks.apply(seed);
                Sample sample = sample(network, seed);
                float[] outputs = outputs(sample.state(), sample.images(), Layout.LANES + 2, AlgorithmPolicy.DIRECT, workers);
                checkFewImages(sample, outputs, seed, workers);
                checkMasks(sample, sample(network, seed + 1), seed, workers);
                checkFiles(sample, outputs, seed);
            }
        }
    }

    /** As many images for all samples of a network, whose masks differ. */
    private static Sample sample(Network network, long seed) {
        Sparsity[] all = Sparsity.values();
        return Sample.of(network, all[(int) (seed % all.length)], 7, seed);
    }

    private static float[] outputs(ModelState state, float[] images, int batch, AlgorithmPolicy algorithms, Workers workers) {
        int count = images.length / state.network().input().size();
        try (Session session = Session.open(state, Mode.INFERENCE, batch, workers, algorithms)) {
            session.setImages(images, count);
            session.forward(count);
            return session.outputs();
        }
    }

    /** Batches that are cut into tiles, full and not, in every form that rounds alike. */
    private static void checkFewImages(Sample sample, float[] expected, long seed, Workers workers) {
        int size = sample.state().network().input().size();
        AlgorithmPolicy algorithms = new AlgorithmPolicy.Always(ConvolutionAlgorithm.STORED.get((int) (seed % 3)));
        for (int batch = 1; batch <= Layout.LANES / 2; batch++) {
            for (int count = 1; count <= batch; count += 2) {
                float[] few = outputs(sample.state(), Arrays.copyOf(sample.images(), count * size), batch, algorithms, workers);
                assertArrayEquals(Arrays.copyOf(expected, few.length), few, "seed " + seed + ", " + count + " of " + batch + " images");
            }
        }
    }

    /** From one mask to another and back, one step each. */
    private static void checkMasks(Sample sample, Sample other, long seed, Workers workers) {
        AlgorithmPolicy algorithms = Forms.all().get((int) (seed % Forms.all().size()));
        SessionOptions options = SessionOptions.DEFAULT.withAlgorithms(algorithms);
        MemoryEstimate estimate = MemoryEstimate.of(sample.state(), Mode.TRAINING, sample.count(), 1, options);
        List<Long> expected;
        try (Session fresh = Session.open(sample.state(), Mode.TRAINING, sample.count(), Workers.of(1), options)) {
            assertEquals(estimate.total(), fresh.bytes(), "seed " + seed);
            expected = SessionBits.step(fresh, sample);
            assertTrue(fresh.bytes() <= estimate.total() + estimate.growthBytes(), "seed " + seed);
        }
        try (Session session = Session.open(other.state(), Mode.TRAINING, sample.count() + 3, workers, options)) {
            SessionBits.step(session, other);
            session.load(sample.state());
            assertEquals(expected, SessionBits.step(session, sample), "seed " + seed);
        }
    }

    private void checkFiles(Sample sample, float[] outputs, long seed) throws IOException {
        Path file = folder.resolve("model");
        for (ModelFile.Form form : ModelFile.Form.values()) {
            ModelFile.save(sample.state(), file, form);
            ModelState read = ModelFile.load(file);
            assertTrue(read.network().sameLayers(sample.state().network()), "seed " + seed);
            assertEquals(sample.state().network().blocks(), read.network().blocks(), "seed " + seed);
            assertEquals(sample.state().masks(), read.masks(), "seed " + seed);
            for (int p = 0; p < read.masks().size(); p++) {
                assertArrayEquals(sample.state().values(p), read.values(p), "seed " + seed);
            }
        }
        OnnxFile.save(sample.state(), file);
        float[] again = outputs(OnnxFile.load(file), sample.images(), Layout.LANES + 2, AlgorithmPolicy.DIRECT, Workers.of(1));
        float largest = 0;
        for (float output : outputs) {
            largest = Math.max(largest, Math.abs(output));
        }
        for (int i = 0; i < outputs.length; i++) {
            assertEquals(outputs[i], again[i], FILE_ROUNDING * largest, "seed " + seed + ", output " + i);
        }
    }
}

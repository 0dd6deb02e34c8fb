package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.ImageForm;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Images that stay bytes give the bits of images that the caller has normalised, and the batch exists nowhere else. */
class ImageBytesTest {
    /** Networks whose steps read the images themselves. */
    private static List<Network> read() {
        return List.of(TestNetworks.plain(), TestNetworks.residual(), TestNetworks.fan(), TestNetworks.even(), TestNetworks.grouped(),
                TestNetworks.signals(), TestNetworks.narrow(), TestNetworks.tinyDepthwise(), TestNetworks.operators(),
                TestNetworks.pixels(), TestNetworks.foreign(), linear(), pooled(),
                TestNetworks.known(Architecture.RESNET18, new Shape(3, 16, 16), 4, 5));
    }

    /** Networks that have something built on the images first. */
    private static List<Network> transformed() {
        return List.of(TestNetworks.normalized(), bounded());
    }

    static List<Network> networks() {
        List<Network> all = new ArrayList<>(read());
        all.addAll(transformed());
        return all;
    }

    private static Network linear() {
        Network.Builder net = Network.builder(new Shape(2, 3, 5)).block("all");
        net.linear("out", net.relu(net.linear("hidden", 0, 9, true, true)), 3, true, true);
        return net.build();
    }

    /** Images that an operator, a convolution and a concatenation read. */
    private static Network pooled() {
        Network.Builder net = Network.builder(new Shape(2, 6, 9)).block("all");
        int pooled = net.maxPool2d(0, 3, 1);
        int conv = net.conv2d("conv", 0, 3, 3, 1, 0, true, true);
        int both = net.concat(pooled, net.relu(conv));
        net.linear("out", net.add(net.globalAveragePool(both), net.concat(net.globalAveragePool(0), net.globalAveragePool(conv))), 3, true,
                true);
        return net.build();
    }

    /** Images that are bounded, and added to what a convolution makes of them. */
    private static Network bounded() {
        Network.Builder net = Network.builder(new Shape(2, 5, 4)).block("all");
        int sum = net.add(net.conv2d("conv", net.relu(0), 2, 3, 1, 1, true, true), 0);
        net.linear("out", net.globalAveragePool(sum), 3, true, true);
        return net.build();
    }

    private static ImageForm.Bytes form(Network network) {
        return ImageForm.bytes(network.input().channels(), (channel, pixel) -> ((pixel & 0xff) - 100 + 7 * channel) / 61f);
    }

    private static Sample sample(Network network, int images) {
        return Sample.of(network, Sparsity.THIRTY_PERCENT, images, 3).ofBytes(form(network), 4);
    }

    /** Twice with the same session, the second time with fewer images, so that lanes hold those of the time before. */
    @ParameterizedTest
    @MethodSource("networks")
    void aStepHasTheSameBits(Network network) {
        for (ActivationStorage storage : ActivationStorage.values()) {
            SessionOptions floats = SessionOptions.DEFAULT.withActivations(storage);
            for (int threads : new int[] {1, 3}) {
                try (Workers workers = Workers.of(threads);
                        Session expected = Session.open(sample(network, 1).state(), Mode.TRAINING, 19, workers, floats);
                        Session bytes = Session.open(expected.state(), Mode.TRAINING, 19, workers, floats.withImages(form(network)))) {
                    for (int images : new int[] {19, 3}) {
                        Sample sample = sample(network, images);
                        assertEquals(SessionBits.step(expected, sample), SessionBits.step(bytes, sample),
                                storage + ", " + threads + " threads, " + images + " images");
                    }
                }
            }
        }
    }

    /** One image, which lies in the lanes by tiles or by pixels, a few, and more than a group. */
    @ParameterizedTest
    @MethodSource("networks")
    void outputsHaveTheSameBits(Network network) {
        for (int batch : new int[] {1, 3, 4, 9}) {
            for (Mode mode : batch < 3 ? List.of(Mode.INFERENCE) : List.of(Mode.INFERENCE, Mode.STATISTICS)) {
                try (Session expected = Session.open(sample(network, 1).state(), mode, batch, Workers.of(1),
                        SessionOptions.DEFAULT.withFeatures(0));
                        Session bytes = Session.open(expected.state(), mode, batch, Workers.of(1),
                                expected.options().withImages(form(network)))) {
                    for (int images = batch; images >= Math.max(1, batch - 1); images--) {
                        Sample sample = sample(network, images);
                        sample.feed(expected);
                        sample.feed(bytes);
                        expected.forward(images);
                        bytes.forward(images);
                        assertArrayEquals(expected.outputs(), bytes.outputs(), mode + ", " + images + " images");
                        assertArrayEquals(sample.images(), bytes.features(0));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void memoryIsForeseen(Mode mode) {
        for (Network network : networks()) {
            ModelState state = sample(network, 1).state();
            for (ActivationStorage storage : ActivationStorage.values()) {
                SessionOptions options = SessionOptions.DEFAULT.withActivations(storage).withImages(form(network));
                for (int batch : new int[] {1, 8, 21}) {
                    MemoryEstimateTest.check(state, mode, batch, batch % 3 + 1, options);
                }
            }
        }
    }

    /** The batch is its bytes, what they stand for and the labels; no map or scratch takes more than with floats. */
    @Test
    void theBatchIsBytesAlone() {
        for (Network network : read()) {
            ModelState state = sample(network, 1).state();
            for (ActivationStorage storage : ActivationStorage.values()) {
                SessionOptions floats = SessionOptions.DEFAULT.withActivations(storage);
                MemoryEstimate before = MemoryEstimate.of(state, Mode.TRAINING, 64, 2, floats);
                MemoryEstimate after = MemoryEstimate.of(state, Mode.TRAINING, 64, 2, floats.withImages(form(network)));
                assertEquals(64L * 4 * network.input().size() + 64 * 4, before.of(MemoryCategory.BATCH));
                assertEquals(64L * network.input().size() + 4 * 256 * network.input().channels() + 64 * 4, after.of(MemoryCategory.BATCH));
                assertEquals(before.total() - before.of(MemoryCategory.BATCH), after.total() - after.of(MemoryCategory.BATCH));
            }
        }
    }

    @Test
    void bytesStandForWhatIsSaid() {
        ImageForm.Bytes form = ImageForm.bytes(new double[] {0.25, 0.5}, new double[] {0.5, 0.2});
        assertEquals(2, form.channels());
        assertEquals((float) ((200 / 255.0 - 0.5) / 0.2), form.value(1, (byte) 200));
        assertEquals(-0.5f, form.value(0, (byte) 0));
        assertEquals(form, ImageForm.bytes(2, form::value));
        assertEquals(form.hashCode(), ImageForm.bytes(2, form::value).hashCode());
        assertNotEquals(form, ImageForm.bytes(new double[] {0.25, 0.5}, new double[] {0.5, 0.25}));
        assertRefused("2 means and 1", () -> ImageForm.bytes(new double[2], new double[1]));
        assertRefused("0 channels", () -> ImageForm.bytes(new double[0], new double[0]));
        assertRefused("byte 3 of channel 1", () -> ImageForm.bytes(2, (channel, pixel) -> channel == 1 && pixel == 3 ? 1 / 0f : 0));
        assertRefused("deviation", () -> ImageForm.bytes(new double[1], new double[1]));
    }

    @Test
    void whatDoesNotFitIsNamed() {
        Network network = TestNetworks.tiny();
        Sample sample = sample(network, 3);
        SessionOptions options = SessionOptions.DEFAULT.withImages(form(network));
        try (Session floats = Session.open(sample.state(), Mode.INFERENCE, 3);
                Session bytes = Session.open(sample.state(), Mode.INFERENCE, 3, Workers.of(1), options)) {
            assertTrue(assertThrows(IllegalStateException.class, () -> floats.setImages(new byte[96], 3)).getMessage()
                    .contains("withImages"));
            assertTrue(assertThrows(IllegalStateException.class, floats::inputBytes).getMessage().contains("as floats"));
            assertTrue(assertThrows(IllegalStateException.class, () -> bytes.setImages(new float[96], 3)).getMessage().contains("byte[]"));
            assertTrue(assertThrows(IllegalStateException.class, bytes::input).getMessage().contains("inputBytes"));
            assertRefused("need 96 values, got 95", () -> {
                bytes.setImages(new byte[95], 3);
                return null;
            });
            assertRefused("need 32 values, got 90: of a last one only a part", () -> {
                bytes.setImages(new byte[90], 1);
                return null;
            });
            assertRefused("need 32 values, got 90: of a last one only a part", () -> {
                floats.setImages(new float[90], 1);
                return null;
            });
            assertRefused("4 images", () -> {
                bytes.setImages(new byte[500], 4);
                return null;
            });
            assertRefused("0 images", () -> {
                bytes.setImages(new byte[96], 0);
                return null;
            });
            sample.feed(bytes);
            bytes.forward(3);
            assertEquals(3 * network.input().size(), bytes.inputBytes().length);
        }
        assertRefused("channels, expected 2", () -> Session.open(sample.state(), Mode.INFERENCE, 3, Workers.of(1),
                options.withImages(ImageForm.bytes(3, (channel, pixel) -> pixel))));
        assertRefused("FLOATS", () -> options.withInputGradient(InputGradient.COMPUTED));
    }

    private static void assertRefused(String part, Supplier<?> call) {
        String message = assertThrows(IllegalArgumentException.class, call::get).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void aTrainerTakesThem() {
        Network network = TestNetworks.residual();
        Sample sample = sample(network, 7);
        try (Session floats = Session.open(sample.state(), Mode.TRAINING, 8);
                Session session = Session.open(sample.state(), Mode.TRAINING, 8, Workers.of(1),
                        SessionOptions.DEFAULT.withImages(form(network)))) {
            Trainer<int[]> expected = Trainer.of(floats).optimizer(new Sgd(0.9, 1e-4)).build();
            Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0.9, 1e-4)).build();
            byte[] bytes = sample.bytes(form(network));
            for (int step = 0; step < 3; step++) {
                assertEquals(expected.step(sample.images(), sample.labels(), 0.1), trainer.step(bytes, sample.labels(), 0.1));
            }
            assertEquals(expected.evaluate(sample.images(), sample.labels()), trainer.evaluate(bytes, sample.labels()));
            assertThrows(IllegalStateException.class, () -> trainer.step(sample.images(), sample.labels(), 0.1));
            assertThrows(IllegalArgumentException.class, () -> trainer.step(new byte[bytes.length - 1], sample.labels(), 0.1));
        }
    }

    /** A session that shares weights has bytes of its own. */
    @Test
    void sessionsThatShareWeightsTakeThem() {
        Network network = TestNetworks.pixels();
        Sample one = sample(network, 1);
        Sample other = Sample.of(network, Sparsity.THIRTY_PERCENT, 1, 3).ofBytes(form(network), 5);
        try (Session first = Session.open(one.state(), Mode.INFERENCE, 1, Workers.of(1),
                SessionOptions.DEFAULT.withImages(form(network)));
                Session second = first.openSharing(Workers.of(1))) {
            one.feed(first);
            other.feed(second);
            first.forward(1);
            second.forward(1);
            float[] expected = first.outputs();
            one.feed(second);
            second.forward(1);
            assertArrayEquals(expected, second.outputs());
        }
    }
}

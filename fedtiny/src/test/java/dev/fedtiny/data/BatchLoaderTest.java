package dev.fedtiny.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.ImageForm;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchLoaderTest {
    private static final int CHANNELS = 3;
    private static final int HEIGHT = 5;
    private static final int WIDTH = 7;
    private static final int[] INDICES = {20, 3, 3, 17, 0, 1, 2, 4, 5, 6, 7, 19, 18, 9, 10, 11, 12, 13, 14, 15, 16, 8};

    private final Dataset dataset = TestData.random(21, CHANNELS, HEIGHT, WIDTH, 4);
    private final BatchLoader loader = BatchLoader.forImagesOf(dataset);

    private static int at(int n, int c, int h, int w) {
        return (((n / 8) * CHANNELS + c) * HEIGHT * WIDTH + h * WIDTH + w) * 8 + n % 8;
    }

    private float expected(int image, int c, int h, int w) {
        byte[] pixels = new byte[dataset.imageBytes()];
        dataset.copyPixels(image, pixels);
        return dataset.normalization().normalize(c, pixels[(c * HEIGHT + h) * WIDTH + w]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 9, 16, 20})
    void layoutIsTheEngines(int count) {
        int floats = (count + 7) / 8 * CHANNELS * HEIGHT * WIDTH * 8;
        assertEquals(floats, loader.batchFloats(count));
        float[] into = new float[floats + 5];
        Arrays.fill(into, Float.NaN);
        loader.load(dataset, INDICES, 2, count, into);
        for (int n = 0; n < (count + 7) / 8 * 8; n++) {
            for (int c = 0; c < CHANNELS; c++) {
                for (int h = 0; h < HEIGHT; h++) {
                    for (int w = 0; w < WIDTH; w++) {
                        assertEquals(n < count ? expected(INDICES[2 + n], c, h, w) : 0f, into[at(n, c, h, w)]);
                    }
                }
            }
        }
        for (int i = floats; i < into.length; i++) {
            assertTrue(Float.isNaN(into[i]));
        }
        int[] labels = new int[count];
        BatchLoader.loadLabels(dataset, INDICES, 2, count, dataset.classes(), labels);
        for (int n = 0; n < count; n++) {
            assertEquals(INDICES[2 + n] % 4, labels[n]);
        }
    }

    @Test
    void augmentationFollowsItsDefinition() {
        Augmentation augmentation = new Augmentation(2, Augmentation.Mirroring.HALF, 3);
        float[] into = new float[loader.batchFloats(19)];
        loader.load(dataset, INDICES, 0, 19, augmentation, RandomStream.of(5, "augment"), into);
        RandomStream replay = RandomStream.of(5, "augment");
        for (int n = 0; n < 19; n++) {
            int top = replay.nextInt(5);
            int left = replay.nextInt(5);
            boolean mirrored = replay.nextInt(2) == 1;
            int centreY = replay.nextInt(HEIGHT);
            int centreX = replay.nextInt(WIDTH);
            byte[] image = new byte[dataset.imageBytes()];
            dataset.copyPixels(INDICES[n], image);
            for (int c = 0; c < CHANNELS; c++) {
                byte[][] padded = new byte[HEIGHT + 4][WIDTH + 4];
                for (int h = 0; h < HEIGHT; h++) {
                    System.arraycopy(image, (c * HEIGHT + h) * WIDTH, padded[h + 2], 2, WIDTH);
                }
                for (int h = 0; h < HEIGHT; h++) {
                    for (int w = 0; w < WIDTH; w++) {
                        boolean cut = Math.abs(h - centreY) <= 1 && Math.abs(w - centreX) <= 1;
                        byte pixel = padded[top + h][left + (mirrored ? WIDTH - 1 - w : w)];
                        assertEquals(cut ? 0f : dataset.normalization().normalize(c, pixel), into[at(n, c, h, w)]);
                    }
                }
            }
        }
    }

    @Test
    void everyShiftAndBothDirectionsOccur() {
        // One lit pixel tells where the crop was taken, its neighbour whether it was mirrored.
        byte[] image = new byte[33 * 33];
        image[16 * 33 + 16] = (byte) 255;
        image[16 * 33 + 17] = 100;
        Dataset lit = Dataset.of(new DatasetDescription(DatasetKind.CUSTOM, 1, 33, 33, 1, List.of(), Normalization.FASHION_MNIST),
                new byte[][] {image}, new int[1]);
        SampleWriter writer = new SampleWriter(1, 33, 33);
        float[] into = new float[33 * 33];
        float bright = Normalization.FASHION_MNIST.normalize(0, (byte) 255);
        float neighbour = Normalization.FASHION_MNIST.normalize(0, (byte) 100);
        RandomStream random = RandomStream.of(1, "augment");
        Set<Integer> places = new HashSet<>();
        int mirrored = 0;
        for (int i = 0; i < 4000; i++) {
            writer.write(lit, 0, Augmentation.CROP_AND_MIRROR, random, into, 0, 33 * 33, 1);
            int place = 0;
            while (into[place] != bright) {
                place++;
            }
            places.add(place);
            mirrored += into[place - 1] == neighbour ? 1 : 0;
        }
        assertEquals(81, places.size());
        assertEquals(2000, mirrored, 150);
    }

    @Test
    void cutoutIsClippedAtTheBorder() {
        Dataset large = TestData.random(1, 1, 32, 32, 1);
        SampleWriter writer = new SampleWriter(1, 32, 32);
        float[] into = new float[1024];
        RandomStream random = RandomStream.of(3, "augment");
        int smallest = 1024;
        int largest = 0;
        for (int i = 0; i < 2000; i++) {
            writer.write(large, 0, Augmentation.NONE.withCutout(16), random, into, 0, 1024, 1);
            int zeros = 0;
            for (float value : into) {
                zeros += value == 0 ? 1 : 0;
            }
            smallest = Math.min(smallest, zeros);
            largest = Math.max(largest, zeros);
        }
        assertEquals(256, largest);
        assertEquals(64, smallest);
    }

    @Test
    void oneCallOrSeveralGiveTheSameBatch() {
        Augmentation augmentation = Augmentation.CROP_AND_MIRROR.withCutout(4);
        float[] whole = new float[loader.batchFloats(20)];
        loader.load(dataset, INDICES, 0, 20, augmentation, RandomStream.of(9, "augment", 4), whole);
        RandomStream random = RandomStream.of(9, "augment", 4);
        float[] first = new float[loader.batchFloats(8)];
        float[] second = new float[loader.batchFloats(12)];
        new BatchLoader(CHANNELS, HEIGHT, WIDTH).load(dataset, INDICES, 0, 8, augmentation, random, first);
        loader.load(dataset, INDICES, 8, 12, augmentation, random, second);
        assertArrayEquals(Arrays.copyOf(whole, first.length), first);
        assertArrayEquals(Arrays.copyOfRange(whole, first.length, whole.length), second);
        loader.load(dataset, INDICES, 0, 20, augmentation, RandomStream.of(10, "augment", 4), second = new float[whole.length]);
        assertFalse(Arrays.equals(whole, second));
    }

    /** Crops and mirrors of bytes are the bytes of crops and mirrors: what they stand for is what is written as floats. */
    @ParameterizedTest
    @ValueSource(ints = {1, 8, 19})
    void bytesStandForTheFloats(int count) {
        for (Augmentation augmentation : List.of(Augmentation.NONE, Augmentation.CROP, Augmentation.CROP_AND_MIRROR)) {
            SessionOptions options = BatchLoader.options(SessionOptions.DEFAULT, dataset, augmentation);
            try (Session session = open(options)) {
                loader.load(dataset, INDICES, 1, count, augmentation, RandomStream.of(6, "augment"), session);
                float[] floats = new float[loader.batchFloats(count)];
                loader.load(dataset, INDICES, 1, count, augmentation, RandomStream.of(6, "augment"), floats);
                byte[] bytes = session.inputBytes();
                for (int i = 0; i < count * CHANNELS * HEIGHT * WIDTH; i++) {
                    int pixel = i % (HEIGHT * WIDTH);
                    int c = i / (HEIGHT * WIDTH) % CHANNELS;
                    assertEquals(floats[at(i / dataset.imageBytes(), c, pixel / WIDTH, pixel % WIDTH)], dataset.form().value(c, bytes[i]));
                }
            }
        }
    }

    private Session open(SessionOptions options) {
        Network.Builder net = Network.builder(dataset.shape()).block("all");
        net.linear("out", 0, 4, true, true);
        return Session.open(Initializer.initialize(net.build(), 1), Mode.INFERENCE, 20, Workers.of(1), options);
    }

    @Test
    void sessionsHoldBytesWhereTheyCan() {
        Augmentation cutout = Augmentation.CROP.withCutout(4);
        Samples features = Samples.of(dataset.shape(), new float[20][dataset.imageBytes()], new int[20]);
        assertEquals(dataset.form(), BatchLoader.options(SessionOptions.DEFAULT, dataset, Augmentation.CROP).images());
        assertEquals(ImageForm.FLOATS, BatchLoader.options(SessionOptions.DEFAULT, dataset, cutout).images());
        assertEquals(ImageForm.FLOATS, BatchLoader.options(SessionOptions.DEFAULT, features, Augmentation.NONE).images());
        SessionOptions gradient = SessionOptions.DEFAULT.withInputGradient(InputGradient.COMPUTED);
        assertEquals(gradient, BatchLoader.options(gradient, dataset, Augmentation.NONE));
        try (Session session = open(BatchLoader.options(SessionOptions.DEFAULT, dataset, Augmentation.NONE));
                Session floats = open(SessionOptions.DEFAULT)) {
            loader.load(features, INDICES, 1, 3, floats);
            loader.load(dataset, INDICES, 0, 3, cutout, RandomStream.of(1, "augment"), floats);
            Dataset other = dataset.as(DatasetKind.SVHN, Normalization.SVHN, List.of());
            for (Samples unfit : List.of(features, other)) {
                assertTrue(assertThrows(IllegalArgumentException.class, () -> loader.load(unfit, INDICES, 0, 3, session)).getMessage()
                        .contains("BatchLoader.options"));
            }
            assertThrows(IllegalArgumentException.class,
                    () -> loader.load(dataset, INDICES, 0, 3, cutout, RandomStream.of(1, "augment"), session));
            assertThrows(IllegalArgumentException.class, () -> loader.load(dataset, INDICES, 0, 21, session));
            assertThrows(IllegalArgumentException.class, () -> loader.load(dataset, INDICES, 0, 0, session));
            assertThrows(IndexOutOfBoundsException.class, () -> loader.load(dataset, INDICES, 18, 8, session));
        }
    }

    @Test
    void anotherNormalizationIsNoticed() {
        float[] into = new float[loader.batchFloats(1)];
        loader.load(dataset, INDICES, 0, 1, into);
        Dataset other = dataset.as(DatasetKind.SVHN, Normalization.SVHN, List.of());
        loader.load(other, INDICES, 0, 1, into);
        byte[] pixels = new byte[dataset.imageBytes()];
        dataset.copyPixels(INDICES[0], pixels);
        assertEquals(Normalization.SVHN.normalize(0, pixels[0]), into[0]);
    }

    @Test
    void loadingAllocatesNothing() throws ReflectiveOperationException {
        Augmentation augmentation = Augmentation.CROP_AND_MIRROR.withCutout(4);
        RandomStream random = RandomStream.of(1, "augment");
        float[] into = new float[loader.batchFloats(20)];
        allocatedBytes();
        loader.load(dataset, INDICES, 0, 20, augmentation, random, into);
        long before = allocatedBytes();
        for (int i = 0; i < 200; i++) {
            loader.load(dataset, INDICES, 0, 20, augmentation, random, into);
        }
        long allocated = allocatedBytes() - before;
        // Asking costs something itself; one array header a load would be 3,200 bytes.
        assertTrue(allocated < 3000, () -> "200 loads allocated " + allocated + " bytes");
        try (Session session = open(BatchLoader.options(SessionOptions.DEFAULT, dataset, Augmentation.CROP_AND_MIRROR))) {
            loader.load(dataset, INDICES, 0, 20, Augmentation.CROP_AND_MIRROR, random, session);
            long start = allocatedBytes();
            for (int i = 0; i < 200; i++) {
                loader.load(dataset, INDICES, 0, 20, Augmentation.CROP_AND_MIRROR, random, session);
            }
            long bytes = allocatedBytes() - start;
            assertTrue(bytes < 3000, () -> "200 loads into a session allocated " + bytes + " bytes");
        }
    }

    /** Bytes this thread ever allocated; by reflection, because the module does not read the one that tells. */
    private static long allocatedBytes() throws ReflectiveOperationException {
        Object bean = Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean").invoke(null);
        Method method = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        return (long) method.invoke(bean);
    }

    @Test
    void refusesWhatDoesNotFit() {
        float[] into = new float[loader.batchFloats(8)];
        assertThrows(IllegalArgumentException.class, () -> loader.load(dataset, INDICES, 0, 9, into));
        assertThrows(IllegalArgumentException.class, () -> loader.load(dataset, INDICES, 0, 0, into));
        assertThrows(IndexOutOfBoundsException.class, () -> loader.load(dataset, INDICES, 18, 8, into));
        assertThrows(IndexOutOfBoundsException.class, () -> loader.load(dataset, new int[] {21}, 0, 1, into));
        assertThrows(NullPointerException.class, () -> loader.load(dataset, INDICES, 0, 1, Augmentation.CROP, null, into));
        assertThrows(IllegalArgumentException.class, () -> new BatchLoader(3, 7, 5).load(dataset, INDICES, 0, 1, into));
        assertThrows(IllegalArgumentException.class, () -> loader.batchFloats(Integer.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> new BatchLoader(1, 1 << 20, 1 << 20));
        assertThrows(IllegalArgumentException.class, () -> BatchLoader.loadLabels(dataset, INDICES, 0, 3, dataset.classes(), new int[2]));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation(-1, Augmentation.Mirroring.NEVER, 0));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation(0, Augmentation.Mirroring.NEVER, 2000));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation(0, null, 0));
    }
}

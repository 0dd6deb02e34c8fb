package dev.fedtiny.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.tensor.Shape;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static final Dataset IMAGES = Datasets.demo().train().subset(IntStream.range(0, 20).toArray());

    /** The same images as floats that know nothing of pixels. */
    private static Samples floats() {
        float[][] values = new float[IMAGES.count()][IMAGES.shape().size()];
        for (int i = 0; i < values.length; i++) {
            IMAGES.write(i, values[i], 0, 1);
        }
        return Samples.of(IMAGES.shape(), values, IMAGES.labels());
    }

    private static float[] batch(Samples samples, Augmentation augmentation) {
        BatchLoader loader = BatchLoader.forImagesOf(samples);
        float[] into = new float[loader.batchFloats(19)];
        loader.load(samples, IntStream.range(0, 20).toArray(), 1, 19, augmentation, RandomStream.of(3, "samples-test"), into);
        return into;
    }

    @Test
    void imagesAsFloatsGiveTheBatchesOfImages() {
        Samples floats = floats();
        assertEquals(IMAGES.shape(), floats.shape());
        assertEquals(IMAGES.label(7), floats.label(7));
        for (Augmentation augmentation : new Augmentation[] {Augmentation.NONE, Augmentation.NONE.withCutout(6),
                new Augmentation(0, Augmentation.Mirroring.HALF, 5)}) {
            assertArrayEquals(batch(IMAGES, augmentation), batch(floats, augmentation), augmentation.toString());
        }
    }

    /** An application that says what black is has the batches of images under every augmentation. */
    @Test
    void samplesThatSayWhatLiesOutsideThemAreCroppedAsImagesAre() {
        Samples floats = floats();
        Samples saying = new Samples() {
            @Override
            public int count() {
                return floats.count();
            }

            @Override
            public Shape shape() {
                return floats.shape();
            }

            @Override
            public int label(int i) {
                return floats.label(i);
            }

            @Override
            public void write(int i, float[] into, int offset, int stride) {
                floats.write(i, into, offset, stride);
            }

            @Override
            public float outside(int channel) {
                return IMAGES.normalization().normalize(channel, (byte) 0);
            }
        };
        assertArrayEquals(batch(IMAGES, Augmentation.CROP_AND_MIRROR), batch(saying, Augmentation.CROP_AND_MIRROR));
    }

    /** What a crop brings in is black in an image, and 0 where nobody knows what black is. */
    @Test
    void whatACropBringsInIsZero() {
        float[] images = batch(IMAGES, Augmentation.CROP);
        float[] floats = batch(floats(), Augmentation.CROP);
        float[] black = new float[IMAGES.channels()];
        for (int c = 0; c < black.length; c++) {
            black[c] = IMAGES.normalization().normalize(c, (byte) 0);
        }
        int differing = 0;
        for (int i = 0; i < images.length; i++) {
            if (images[i] != floats[i]) {
                assertEquals(0, floats[i]);
                assertEquals(black[i / (IMAGES.shape().pixels() * BatchLoader.LANES) % black.length], images[i]);
                differing++;
            }
        }
        assertEquals(true, differing > 0);
    }

    @Test
    void vectorsOfFeaturesHaveTheirStride() {
        Samples samples = Samples.of(new float[][] {{1, 2, 3}, {4, 5, 6}}, new int[] {0, 9});
        assertEquals(new Shape(3, 1, 1), samples.shape());
        float[] into = new float[10];
        samples.write(1, into, 2, 3);
        assertArrayEquals(new float[] {0, 0, 4, 0, 0, 5, 0, 0, 6, 0}, into);
        int[] labels = new int[2];
        BatchLoader.loadLabels(samples, new int[] {1, 0}, 0, 2, 10, labels);
        assertArrayEquals(new int[] {9, 0}, labels);
        DataException e = assertThrows(DataException.class, () -> BatchLoader.loadLabels(samples, new int[] {1, 0}, 0, 2, 9, labels));
        assertEquals("sample 1 has label 9, expected 0 to 8", e.getMessage());
    }

    @Test
    void whatIsNoSampleIsNamed() {
        assertThrows(DataException.class, () -> Samples.of(new float[0][], new int[0]));
        assertThrows(DataException.class, () -> Samples.of(new float[][] {{1}}, new int[2]));
        assertThrows(DataException.class, () -> Samples.of(new float[][] {{1}, {1, 2}}, new int[2]));
        assertThrows(DataException.class, () -> Samples.of(new float[][] {{1}}, new int[] {-1}));
    }
}

package dev.fedtiny.network.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DatasetKind;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.Normalization;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.federation.Capacity;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Exceptions of an application's samples may quote one: what may become of them a message to the server says their class alone. */
class OwnSamplesTest {
    /** Rows of text that are read when they are asked for. */
    private static final class Rows implements Samples {
        @Override
        public int count() {
            return 1;
        }

        @Override
        public Shape shape() {
            return Shape.features(1);
        }

        @Override
        public int label(int i) {
            return Integer.parseInt("Miller, 1971");
        }

        @Override
        public void write(int i, float[] into, int offset, int stride) {
            into[offset] = Float.parseFloat("Miller, 1971");
        }

        @Override
        public float outside(int channel) {
            throw new IllegalStateException("Miller, 1971");
        }
    }

    private static void untold(Executable asked) {
        DataException told = assertThrows(DataException.class, asked);
        assertFalse(told.getMessage().contains("Miller"), told.getMessage());
        assertTrue(told.getCause().getMessage().contains("Miller"), told.getCause().getMessage());
    }

    @Test
    void nothingThatSamplesSayIsInTheMessage() {
        Samples samples = new OwnSamples(Rows::new, Capacity.UNSTATED).get();
        assertEquals(1, samples.count());
        for (Executable asked : List.<Executable>of(() -> samples.label(0), () -> samples.write(0, new float[1], 0, 1),
                () -> samples.outside(0))) {
            untold(asked);
        }
        untold(() -> new OwnSamples(() -> {
            throw new IllegalStateException("Miller, 1971");
        }, Capacity.UNSTATED).get());
    }

    /** What was measured from a device's own images is none of the run's; what was published is its user's choice. */
    @Test
    void measuredFiguresGiveWayToTheRuns() {
        Normalization run = new Normalization("measured", List.of(0.1), List.of(0.5));
        Dataset measured = Datasets.demo(Optional.of(DatasetKind.CUSTOM)).test();
        OwnSamples samples = new OwnSamples(() -> measured, Capacity.UNSTATED);
        Dataset normalized = (Dataset) samples.normalizedBy(Optional.of(run)).get();
        assertEquals(run, normalized.normalization());
        assertEquals(measured.contentHash(), normalized.contentHash());
        assertTrue(samples.normalizedBy(Optional.of(run)).note(normalized).orElseThrow().contains("of the run's"));
        assertEquals(Optional.empty(), samples.note(measured));
        assertSame(measured, samples.normalizedBy(Optional.empty()).get());
        Normalization colours = new Normalization("measured", List.of(0.1, 0.2, 0.3), List.of(0.5, 0.6, 0.7));
        assertSame(measured, samples.normalizedBy(Optional.of(colours)).get(), "of other channels");
        Dataset published = Datasets.demo().test();
        OwnSamples other = new OwnSamples(() -> published, Capacity.UNSTATED).normalizedBy(Optional.of(run));
        assertSame(published, other.get());
        assertTrue(other.note(published).orElseThrow().contains("those of the run by 'measured'"));
    }

    @Test
    void imagesStayWhatTheyAreAndNothingIsNoSamples() {
        Dataset images = Datasets.demo().test();
        assertSame(images, new OwnSamples(() -> images, Capacity.UNSTATED).get());
        assertThrows(DataException.class, () -> new OwnSamples(() -> null, Capacity.UNSTATED).get());
    }
}

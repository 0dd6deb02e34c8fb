package dev.fedtiny.benchmarks.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Isolated("sets a system property")
class MaskKindTest {
    private static final LayerShape LAYER = LayerShape.ofKey("resnet18/layer1.0.conv1");

    @ParameterizedTest
    @EnumSource(MaskKind.class)
    void asManyPositionsAreKeptAsTheDensitySays(MaskKind kind) {
        int size = LAYER.geometry().weights();
        for (double density : new double[] {1, 0.97, 0.5, 0.1, 0.01, 0.001}) {
            assertEquals((int) Math.round(density * size), kind.of(LAYER, density).count(), kind + " " + density);
        }
        assertEquals(1, kind.of(LAYER, 1e-9).count());
    }

    @Test
    void skewedRowsAreFullOrEmptyOrBetween() {
        int[] rows = perRow(MaskKind.SKEWED.of(LAYER, 0.1));
        int columns = LAYER.geometry().columns();
        assertEquals(3, Arrays.stream(rows).filter(kept -> kept == columns).count(), Arrays.toString(rows));
        assertTrue(Arrays.stream(rows).filter(kept -> kept == 0).count() >= 20, Arrays.toString(rows));
        assertTrue(Arrays.stream(perRow(MaskKind.UNIFORM.of(LAYER, 0.1))).allMatch(kept -> kept > 0 && kept < columns));
    }

    @Test
    void aTrainedModelsMasksAreTaken(@TempDir Path folder) throws IOException {
        ModelState trained = Magnitude.atMost(BenchmarkModel.of("resnet18"), 0.02);
        Path file = folder.resolve("model.safetensors");
        ModelFile.save(trained, file, ModelFile.Form.SPARSE);
        int parameter = trained.network().indexOf("layer1.0.conv1.weight");
        System.setProperty(BenchmarkModel.FILE_PROPERTY, file.toString());
        try {
            assertEquals(trained.mask(parameter), MaskKind.MAGNITUDE.of(LAYER, 1.0));
            assertEquals(trained.mask(parameter), MaskKind.MAGNITUDE.of(LAYER, 0.1), "no more than there are");
            Mask fewer = MaskKind.MAGNITUDE.of(LAYER, 0.01);
            assertEquals(Math.round(0.01 * fewer.size()), fewer.count());
            assertTrue(Arrays.stream(fewer.indices()).allMatch(trained.mask(parameter)::contains));
            assertTrue(assertThrows(IllegalArgumentException.class, () -> BenchmarkModel.of("vgg11")).getMessage().contains("is resnet18"));
        } finally {
            System.clearProperty(BenchmarkModel.FILE_PROPERTY);
        }
    }

    private static int[] perRow(Mask mask) {
        int[] rows = new int[LAYER.geometry().outputChannels()];
        for (int i = 0; i < mask.count(); i++) {
            rows[mask.index(i) / LAYER.geometry().columns()]++;
        }
        return rows;
    }
}

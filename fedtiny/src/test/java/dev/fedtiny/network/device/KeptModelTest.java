package dev.fedtiny.network.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.Normalization;
import dev.fedtiny.data.Samples;
import dev.fedtiny.device.OwnStatistics;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a device keeps of models outlives kills and damage: what can be made again is. */
class KeptModelTest {
    private static final Samples SAMPLES = Samples.of(new Shape(1, 4, 4),
            new float[][] {ramp(1), ramp(2), ramp(-3), ramp(5)}, new int[] {0, 1, 0, 1});

    @TempDir
    Path folder;

    private static float[] ramp(float step) {
        float[] values = new float[16];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 5 * step;
        }
        return values;
    }

    private static ModelState model() {
        Network.Builder builder = Network.builder(new Shape(1, 4, 4));
        builder.block("all");
        int x = builder.relu(builder.batchNorm2d("bn", builder.conv2d("conv", 0, 3, 3, 1, 1, false, true)));
        builder.linear("fc", builder.globalAveragePool(x), 2, true, true);
        return Initializer.initialize(builder.build(), 3);
    }

    @Test
    void aModelOfItsOwnThatIsDamagedIsMadeAgain() throws IOException {
        KeptModel kept = new KeptModel(folder);
        kept.received(model(), new OwnStatistics(1, 0, 2, DevelopmentSplit.usual(2)), Optional.empty());
        ModelState own = kept.personal(_ -> SAMPLES).orElseThrow();
        Path file = folder.resolve("personal.sparse.safetensors");
        byte[] whole = Files.readAllBytes(file);
        for (byte[] damaged : new byte[][] {{}, Arrays.copyOf(whole, whole.length / 2), {1, 2, 3}, new byte[whole.length]}) {
            Files.write(file, damaged);
            same(own, kept.personal(_ -> SAMPLES).orElseThrow());
            assertEquals(whole.length, Files.size(file));
        }
        Files.write(file, new byte[] {0}, StandardOpenOption.TRUNCATE_EXISTING);
        kept.received(model(), new OwnStatistics(1, 0, 2, DevelopmentSplit.usual(2)), Optional.empty());
        same(own, kept.personal(_ -> SAMPLES).orElseThrow());
    }

    /** A device that was started again makes it of images as its run has them, of which only the model's file knows. */
    @Test
    void theFiguresOfTheRunsImagesAreKeptWithTheModel() throws IOException {
        Normalization run = new Normalization("measured", List.of(0.1), List.of(0.7));
        new KeptModel(folder).received(model(), new OwnStatistics(1, 0, 2, DevelopmentSplit.usual(2)), Optional.of(run));
        List<Normalization> told = new ArrayList<>();
        assertTrue(new KeptModel(folder).personal(figures -> {
            told.add(figures.orElseThrow());
            return SAMPLES;
        }).isPresent());
        assertEquals(List.of(run), told);
    }

    private static void same(ModelState expected, ModelState actual) {
        for (int i = 0; i < expected.allValues().size(); i++) {
            assertEquals(0, Arrays.compare(expected.values(i), actual.values(i)));
        }
    }

    /** Whatever was killed while it wrote a model of many megabytes: a phone has no room for one more of them each time. */
    @Test
    void whatAKilledProcessLeftGoes() throws IOException {
        new KeptModel(folder);
        Path left = folder.resolve(".received.sparse.safetensors." + UUID.randomUUID() + ".tmp");
        Path others = Files.createFile(folder.resolve("notes.tmp"));
        Files.createFile(left);
        new KeptModel(folder).received(model(), new OwnStatistics(1, 0, 2, DevelopmentSplit.usual(2)), Optional.empty());
        assertFalse(Files.exists(left));
        assertTrue(Files.exists(others));
    }
}

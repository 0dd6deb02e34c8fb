package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * MobileNetV2 on 96 × 96 pixels, eight images a batch, trains in a heap of 48 MiB, and the estimate says so before: of half the width with
 * nothing pruned, and of the paper's width with a tenth of the 1 × 1 convolutions active and maps in bfloat16.
 */
@Tag("once")
class SmallHeapTest {
    private static final int HEAP_MIB = 48;
    private static final int BATCH = 8;

    @TempDir
    private Path folder;

    /** What trains in the small heap. */
    static final class Training {
        private Training() {
        }

        static ModelState model(int width, double density) {
            return Magnitude.atMost(Initializer.initialize(new NetworkSpec(Architecture.MOBILENET_V2, new Shape(3, 96, 96), width, 10)
                    .build(), 1), density);
        }

        /** Width, density and storage of activations. */
        public static void main(String[] arguments) {
            ModelState model = model(Integer.parseInt(arguments[0]), Double.parseDouble(arguments[1]));
            SessionOptions options = SessionOptions.DEFAULT.withActivations(ActivationStorage.valueOf(arguments[2]));
            int[] active = model.masks().stream().mapToInt(mask -> mask.count()).toArray();
            // Of this JVM: scratch depends on the width of its vectors.
            long estimated = MemoryEstimate.of(model, Mode.TRAINING, BATCH, 1, options)
                    .plus(MemoryCategory.OPTIMIZER, new Sgd(0.9, 1e-4).stateBytes(model.network(), active)).total();
            Session session = Session.open(model, Mode.TRAINING, BATCH, Workers.of(1), options, ArrayOwnership.TAKEN_OVER);
            Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0.9, 1e-4)).build();
            float[] images = new float[BATCH * session.network().input().size()];
            RandomStream random = RandomStream.of(1, "images");
            for (int i = 0; i < images.length; i++) {
                images[i] = (float) random.nextGaussian();
            }
            double loss = Double.NaN;
            for (int step = 0; step < 2; step++) {
                loss = trainer.step(images, new int[] {0, 1, 2, 3, 4, 5, 6, 7}, 0.01);
            }
            System.out.println("loss " + loss + ", estimated " + estimated + ", held " + (session.bytes() + trainer.bytes()) + " of "
                    + Runtime.getRuntime().maxMemory());
        }
    }

    @Test
    void halfTheWidthTrains() throws Exception {
        train("16", "1", "FLOAT32");
    }

    @Test
    void theWholeWidthTrainsPruned() throws Exception {
        train("32", "0.1", "BFLOAT16");
    }

    private void train(String width, String density, String activations) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        }
        command.addAll(List.of("-Xmx" + HEAP_MIB + "m", "-Xms" + HEAP_MIB + "m", "-Xmn512k", "-XX:+UseSerialGC", "-cp",
                home(ModelState.class) + File.pathSeparator + home(Training.class), Training.class.getName(), width,
                density, activations));
        Path answer = folder.resolve("answer");
        Process process = new ProcessBuilder(command).redirectOutput(answer.toFile()).redirectErrorStream(true).start();
        int exit = process.waitFor();
        String said = Files.readString(answer);
        assertEquals(0, exit, said);
        Matcher figures = Pattern.compile("loss ([0-9.]+), estimated (\\d+), held (\\d+) of").matcher(said);
        assertTrue(figures.find(), said);
        assertEquals(figures.group(2), figures.group(3), said);
        assertTrue(Long.parseLong(figures.group(2)) < (long) HEAP_MIB << 20, said);
    }

    private static Path home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}

package dev.fedtiny.benchmarks.jmh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.tensor.Shape;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;

class PlanTest {
    private static List<Plan> plans(String... words) {
        return Plan.all(Options.parse(words));
    }

    @Test
    void byDefaultEveryShapeOfBothNetworksIsTimed() {
        Plan csr = plans().stream().filter(p -> p.benchmark().equals("ConvolutionBenchmark")).findFirst().orElseThrow();
        assertEquals(18, csr.parameters().get("layer").length);
        assertArrayEquals(new String[] {"CSR"}, csr.parameters().get("format"));
        assertEquals(8, csr.parameters().get("density").length);
        Plan dense = plans().stream().filter(p -> p.benchmark().startsWith("Conv") && p.parameters().get("format")[0].equals("DENSE"))
                .findFirst().orElseThrow();
        assertArrayEquals(new String[] {"1"}, dense.parameters().get("density"));
    }

    @Test
    void whatIsAskedForIsTaken() {
        List<Plan> plans = plans("--kernels", "simd,scalar", "--formats", "bitmask", "--masks", "skewed", "--densities", "0.3",
                "--layers", "vgg11/features.4");
        assertEquals(14, plans.size());
        Plan convolution = plans.getFirst();
        assertArrayEquals(new String[] {"BITMASK"}, convolution.parameters().get("format"));
        assertArrayEquals(new String[] {"SKEWED"}, convolution.parameters().get("mask"));
        assertArrayEquals(new String[] {"0.3"}, convolution.parameters().get("density"));
        assertEquals(List.of("simd", "scalar"), plans.stream().map(Plan::kernels).distinct().toList());
        plans.forEach(p -> assertArrayEquals(new String[] {p.kernels()}, p.parameters().get("kernels")));
    }

    @Test
    void linearLayersHaveTheirOwnPlans() {
        List<String> all = plans().stream().filter(p -> p.benchmark().equals("LinearBenchmark"))
                .flatMap(p -> Stream.of(p.parameters().get("layer"))).distinct().toList();
        assertTrue(all.contains("resnet18/fc") && all.stream().noneMatch(key -> key.contains("imagenet")), all.toString());
        List<Plan> one = plans("--layers", "resnet18/fc", "--formats", "csr", "--masks", "uniform");
        assertEquals(List.of("LinearBenchmark", "NetworkBenchmark"), one.stream().map(Plan::benchmark).toList());
        assertArrayEquals(new String[] {"resnet18/fc"}, one.getFirst().parameters().get("layer"));
        assertEquals(new Shape(512, 1, 8), LinearShape.ofKey("resnet18/fc").over(8).geometry().input());
        assertEquals(10 * 512, LinearShape.ofKey("resnet18/fc").over(8).geometry().weights());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> LinearShape.ofKey("resnet18/conv1")).getMessage()
                .contains("resnet18/fc"));
    }

    private static Overview overview(String... words) {
        return Overview.of(plans(words), Options.parse(words));
    }

    @Test
    void whatWillBeMeasuredIsCounted() {
        Overview one = overview("--quick", "--threads", "1", "--densities", "0.1,0.01,0.001", "--layers",
                "resnet18/layer1.0.conv1,resnet18/conv1", "--formats", "csr", "ConvolutionBenchmark.(forward|pack)");
        assertEquals(Map.of("ConvolutionBenchmark", 2 * 3 * 2), one.measurements());
        assertEquals(12 * Pace.of("ConvolutionBenchmark", true).seconds(), one.seconds(), 1e-9);
        assertTrue(one.text().startsWith("12 measurements") && !one.text().contains("--help"), one.text());
        Overview all = overview();
        assertEquals(List.of("LinearBenchmark", "ConvolutionBenchmark", "ElementwiseBenchmark", "StorageBenchmark", "PoolBenchmark",
                "OperatorBenchmark", "PixelBenchmark", "NetworkBenchmark"),
                List.copyOf(all.measurements().keySet()));
        assertTrue(all.text().contains(" h or more") && all.text().contains("--help"), all.text());
        assertEquals(0, overview("--quick", "noSuchBenchmark").count());
    }

    /**
     * A benchmark that is added is listed, and takes part in {@code --quick} with as few combinations as fit: ten minutes, less what JMH
     * prints and writes. Too many are thinned out in {@link Plan}, the newest first.
     */
    @Test
    void everyBenchmarkIsInTheQuickOnesWhichTakeTenMinutes() throws Exception {
        Path classes = Path.of(Plan.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.list(classes.resolve(Plan.class.getPackageName().replace('.', '/')))) {
            List<String> found = files.map(file -> file.getFileName().toString()).filter(name -> name.matches("[A-Za-z]+\\.class"))
                    .map(name -> name.replace(".class", "")).filter(PlanTest::isBenchmark).sorted().toList();
            assertEquals(found, Overview.BENCHMARKS.stream().sorted().toList());
            assertEquals(found, overview("--quick").measurements().keySet().stream().sorted().toList());
        }
        assertTrue(overview("--quick").seconds() < 540, "ten minutes with all that is said about them: " + overview("--quick"));
    }

    private static boolean isBenchmark(String name) {
        try {
            Class<?> type = Class.forName(Plan.class.getPackageName() + "." + name);
            return !Modifier.isAbstract(type.getModifiers())
                    && Arrays.stream(type.getMethods()).anyMatch(method -> method.isAnnotationPresent(Benchmark.class));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void wrongWordsAreNamed() {
        assertTrue(assertThrows(UsageException.class, () -> Options.parse("--densty", "1")).getMessage().contains("--densty"));
        assertTrue(assertThrows(UsageException.class, () -> Options.parse("--batch")).getMessage().contains("needs a value"));
        assertTrue(assertThrows(UsageException.class, () -> Options.parse("a", "b")).getMessage().contains("takes one word"));
        assertThrows(IllegalArgumentException.class, () -> plans("--layers", "resnet18/conv9"));
    }

    @Test
    void otherKernelsThanNamedAreNotTimed() {
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> Counters.require("scalar"));
        assertTrue(error.getMessage().contains("kernels=scalar") && error.getMessage().contains("dev.fedtiny.kernels"), error.getMessage());
        Counters.require("simd");
    }
}

package dev.fedtiny.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static List<Plan> plans(String... words) {
        return Plan.all(Options.parse(words));
    }

    @Test
    void byDefaultEveryShapeOfBothNetworksIsTimed() {
        Plan csr = plans().getFirst();
        assertEquals("ConvolutionBenchmark", csr.benchmark());
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
        assertEquals(6, plans.size());
        Plan convolution = plans.getFirst();
        assertArrayEquals(new String[] {"BITMASK"}, convolution.parameters().get("format"));
        assertArrayEquals(new String[] {"SKEWED"}, convolution.parameters().get("mask"));
        assertArrayEquals(new String[] {"0.3"}, convolution.parameters().get("density"));
        assertEquals(List.of("simd", "scalar"), plans.stream().map(Plan::kernels).distinct().toList());
        plans.forEach(p -> assertArrayEquals(new String[] {p.kernels()}, p.parameters().get("kernels")));
    }

    @Test
    void wrongWordsAreNamed() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Options.parse("--densty", "1")).getMessage().contains("--densty"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Options.parse("--batch")).getMessage().contains("needs a value"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Options.parse("a", "b")).getMessage().contains("two filters"));
        assertThrows(IllegalArgumentException.class, () -> plans("--layers", "resnet18/conv9"));
    }

    @Test
    void otherKernelsThanNamedAreNotTimed() {
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> Counters.require("scalar"));
        assertTrue(error.getMessage().contains("kernels=scalar") && error.getMessage().contains("dev.fedtiny.kernels"), error.getMessage());
        Counters.require("simd");
    }
}

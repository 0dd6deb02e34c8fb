package dev.fedtiny.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.fedtiny.engine.runtime.Kernels;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Each of the test runs really has the kernels it is meant to have. */
class KernelChoiceTest {
    @Test
    void theseAreTheKernelsThisRunIsFor() {
        String expected = System.getProperty("dev.fedtiny.expected");
        boolean narrow = expected != null && expected.equals("simd256") && Kernels.current().vectorBits() < 256;
        if (expected == null || narrow) {
            System.out.println("skipped: " + (narrow ? "this machine has no 256-bit vectors" : "not run by the build"));
        }
        Assumptions.assumeTrue(expected != null && !narrow);
        String name = expected.equals("simd") ? Kernels.current().name().replaceFirst("\\d+$", "") : Kernels.current().name();
        assertEquals(expected, name, Kernels.current().reason());
        assertFalse(Kernels.current().reason().isBlank());
    }
}

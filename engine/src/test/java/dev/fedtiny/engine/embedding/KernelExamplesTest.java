package dev.fedtiny.engine.embedding;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.op.Conv2d;
import dev.fedtiny.engine.runtime.KernelChoice;
import dev.fedtiny.engine.testing.ConvolutionCase;
import dev.fedtiny.engine.testing.DocumentedPrograms;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of docs/kernels.md: one kernel beside the reference in double. */
@Tag("once")
class KernelExamplesTest {
    @TempDir
    Path folder;

    @Test
    void oneKernelIsTested() throws Exception {
        DocumentedPrograms programs = new DocumentedPrograms("docs/kernels.md", Conv2d.class, ConvolutionCase.class);
        for (KernelChoice kernels : new KernelChoice[] {KernelChoice.AUTO, KernelChoice.SCALAR}) {
            String output = programs.run("OneKernel", folder, kernels.name());
            assertTrue(output.contains("y[0] = "), output);
        }
    }
}

package dev.fedtiny.benchmarks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.KernelChoice;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The smallest benchmark is what docs/kernels.md shows, and runs. */
class OneKernelBenchmarkTest {
    private static final Path SOURCE = Path.of("src/main/java/dev/fedtiny/benchmarks/OneKernelBenchmark.java");
    private static final Pattern SHOWN = Pattern.compile("```java\n(@Param.*?)```", Pattern.DOTALL);

    /** Without comments, and with single spaces. */
    private static String plain(String code) {
        return code.replaceAll("(?s)/\\*\\*.*?\\*/", "").replaceAll("\\s+", " ").strip();
    }

    @Test
    void itIsTheOneThatIsShown() throws Exception {
        Path root = Files.exists(SOURCE) ? Path.of("..") : Path.of("");
        Matcher shown = SHOWN.matcher(Files.readString(root.resolve("docs/kernels.md")));
        assertTrue(shown.find(), "docs/kernels.md shows a benchmark");
        String source = plain(Files.readString(root.resolve("benchmarks").resolve(SOURCE)));
        assertTrue(source.contains(plain(shown.group(1))), source);
    }

    @Test
    void itRuns() {
        OneKernelBenchmark benchmark = new OneKernelBenchmark();
        benchmark.kernels = KernelChoice.AUTO;
        benchmark.algorithm = ConvolutionAlgorithm.BITMASK;
        benchmark.prepare();
        benchmark.forward();
    }
}

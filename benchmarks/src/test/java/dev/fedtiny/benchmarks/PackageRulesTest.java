package dev.fedtiny.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.testing.CompiledClasses;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reads the compiled classes and holds that no package of the laboratory knows one above it. */
class PackageRulesTest {
    /** From the bottom up: a package may know those before it, and all of fedtiny and the engine. */
    private static final List<String> LAYERS = List.of("", "jmh", "timing", "profile", "start", "check", "heap", "comparison", "charts",
            "cli");

    @Test
    void packagesKnowOnlyThoseBelow() {
        // What JMH generates and the programs with libtorch are left out.
        var classes = CompiledClasses.beside(Ending.class, 60, file -> !file.contains("generated") && !file.contains("peers"));
        assertEquals(Map.of(), CompiledClasses.upward(classes, "dev.fedtiny.benchmarks", LAYERS),
                "classes, and what lies above them (order: LAYERS in this test)");
    }
}

package dev.fedtiny;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.testing.CompiledClasses;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reads the compiled classes and holds that no package of the federation knows one above it. */
class PackageRulesTest {
    /** From the bottom up: a package may know those before it, and those of the engine. */
    private static final List<String> LAYERS = List.of("settings", "cost", "privacy", "data", "pruning", "protocol", "device", "federation",
            "federation.process", "network.wire", "network", "network.server", "method", "network.device",
            "cluster", "experiment.metrics", "experiment.checkpoint", "experiment", "report", "command", "cli");

    @Test
    void packagesKnowOnlyThoseBelow() {
        assertEquals(Map.of(), CompiledClasses.upward(CompiledClasses.beside(dev.fedtiny.cli.Main.class, 200), "dev.fedtiny", LAYERS),
                "classes, and what lies above them (order: LAYERS in this test)");
    }
}

package dev.fedtiny.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.fedtiny.engine.testing.CompiledClasses;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads the compiled classes and holds that no package of the laboratory knows one above it. */
class PackageRulesTest {
    /** From the bottom up: a package may know those before it, and all of fedtiny and the engine. */
    private static final List<String> LAYERS = List.of("", "jmh", "timing", "profile", "start", "check", "heap", "network", "comparison",
            "cluster", "charts", "cli");

    @Test
    void packagesKnowOnlyThoseBelow() {
        // What JMH generates and the programs with libtorch are left out.
        var classes = CompiledClasses.beside(Ending.class, 60, file -> !file.contains("generated") && !file.contains("peers"));
        assertEquals(Map.of(), CompiledClasses.upward(classes, "dev.fedtiny.benchmarks", LAYERS),
                "classes, and what lies above them (order: LAYERS in this test)");
    }

    private static Path root() {
        return Files.exists(Path.of("docs")) ? Path.of("") : Path.of("..");
    }

    /** What users compile against has its Javadoc looked at by the compiler. */
    @Test
    void theJavadocOfEveryExportedPackageIsHeldByTheBuild() throws IOException {
        Pattern exported = Pattern.compile("(?m)^ *exports ([\\w.]+);");
        for (String module : List.of("engine", "fedtiny")) {
            String pom = Files.readString(root().resolve(module).resolve("pom.xml"));
            List<String> held = List.of(pom.replaceAll("(?s).*<doclint.packages>(.*)</doclint.packages>.*", "$1").split(","));
            String declaration = Files.readString(root().resolve(module).resolve("src/main/java/module-info.java"));
            List<String> packages = exported.matcher(declaration).results().map(found -> found.group(1)).toList();
            assertFalse(packages.isEmpty(), declaration);
            assertEquals(List.of(), packages.stream().filter(name -> !held.contains(name)).toList(),
                    "exported packages that doclint.packages in " + module + "/pom.xml does not list");
        }
    }

    @Test
    void theArchitecturePageNamesEveryPackage() throws IOException {
        Path root = root();
        String page = Files.readString(root.resolve("docs/architecture.md"));
        TreeSet<String> missing = new TreeSet<>();
        for (String module : List.of("engine/src/main/java/dev/fedtiny/engine", "fedtiny/src/main/java/dev/fedtiny",
                "benchmarks/src/main/java/dev/fedtiny/benchmarks")) {
            Path sources = root.resolve(module);
            try (Stream<Path> files = Files.walk(sources)) {
                files.filter(file -> file.toString().endsWith(".java")).map(file -> sources.relativize(file.getParent()).toString())
                        .map(name -> name.replace(File.separatorChar, '.'))
                        .filter(name -> !name.isEmpty() && !page.contains("\n| `" + name + "` |")).forEach(missing::add);
            }
        }
        assertEquals(new TreeSet<>(), missing, "packages without a row in docs/architecture.md");
    }
}

package dev.fedtiny.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads the compiled classes and holds that no package of the laboratory knows one above it. */
class PackageRulesTest {
    private static final String ROOT = "dev/fedtiny/benchmarks/";
    private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L(dev/fedtiny/benchmarks/[^;<]+)[;<]");

    /** From the bottom up: a package may know those before it, and all of fedtiny and the engine. */
    private static final List<String> LAYERS = List.of("", "jmh", "timing", "profile", "check", "heap", "comparison", "charts", "cli");

    @Test
    void packagesKnowOnlyThoseBelow() throws URISyntaxException, IOException {
        // What JMH generates and the programs with libtorch are left out.
        Path root = Path.of(Ending.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Map<String, Set<String>> offences = new TreeMap<>();
        Set<String> seen = new TreeSet<>();
        for (ClassModel model : classes(root)) {
            String own = packageOf(model.thisClass().asInternalName());
            seen.add(own);
            for (String type : types(model)) {
                String other = packageOf(type);
                if (LAYERS.indexOf(other) > LAYERS.indexOf(own)) {
                    offences.computeIfAbsent(model.thisClass().asInternalName(), _ -> new TreeSet<>()).add(type);
                }
            }
        }
        assertEquals(Map.of(), offences, "classes, and what lies above them (order: LAYERS in this test)");
        assertEquals(new TreeSet<>(LAYERS), seen, "packages, and those this test has a place for");
    }

    private static List<ClassModel> classes(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<ClassModel> classes = files.filter(file -> file.toString().endsWith(".class") && !file.endsWith("module-info.class"))
                    .filter(file -> !file.toString().contains("generated") && !file.toString().contains("peers"))
                    .map(PackageRulesTest::parse).toList();
            assertTrue(classes.size() > 60, "only " + classes.size() + " classes below " + root);
            return classes;
        }
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> types(ClassModel model) {
        Set<String> types = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof ClassEntry type && type.asInternalName().startsWith(ROOT)) {
                types.add(type.asInternalName());
            } else if (entry instanceof Utf8Entry text) {
                Matcher matcher = CLASS_IN_DESCRIPTOR.matcher(text.stringValue());
                while (matcher.find()) {
                    types.add(matcher.group(1));
                }
            }
        }
        return types;
    }

    private static String packageOf(String type) {
        String name = type.substring(ROOT.length());
        return name.contains("/") ? name.substring(0, name.lastIndexOf('/')).replace('/', '.') : "";
    }
}

package dev.fedtiny.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.MethodTypeEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Reads the compiled classes and holds the rules of who may know whom. */
class PackageRulesTest {
    private static final String ROOT = "dev.fedtiny.engine.";
    private static final String VECTORS = "jdk.incubator.vector";
    private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L([^;<]+);");

    /** What a package may refer to, beside itself and the JDK. */
    private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
            Map.entry("tensor", Set.of()),
            Map.entry("sparse", Set.of("tensor")),
            Map.entry("model", Set.of("tensor", "sparse", "runtime", "internal.conv")),
            Map.entry("internal.plan", Set.of("tensor", "sparse", "model", "measure", "runtime", "internal.conv", "internal.kernel")),
            Map.entry("session", Set.of("tensor", "sparse", "model", "measure", "runtime", "internal.plan")),
            Map.entry("op", Set.of("tensor", "sparse", "model", "session", "runtime", "internal.conv", "internal.kernel")),
            Map.entry("train", Set.of("tensor", "sparse", "model", "session", "measure", "runtime")),
            Map.entry("measure", Set.of("runtime", "internal.kernel")),
            Map.entry("cost", Set.of("tensor", "sparse", "model", "measure")),
            Map.entry("io", Set.of("tensor", "sparse", "model", "internal.json")),
            Map.entry("runtime", Set.of("internal.kernel", "internal.kernel.scalar", "internal.kernel.simd", "internal.run")),
            Map.entry("internal.json", Set.of()),
            Map.entry("internal.probe", Set.of("tensor", "sparse", "runtime", "internal.conv", "internal.kernel", "internal.run")),
            Map.entry("internal.run", Set.of()),
            Map.entry("internal.conv", Set.of("tensor", "sparse", "runtime", "internal.kernel")),
            Map.entry("internal.kernel", Set.of("internal.run")),
            Map.entry("internal.kernel.scalar", Set.of("internal.kernel")),
            Map.entry("internal.kernel.simd", Set.of("internal.kernel", VECTORS)));

    private static List<ClassModel> classes;

    @BeforeAll
    static void readClasses() throws URISyntaxException, IOException {
        Path root = Path.of(dev.fedtiny.engine.model.Network.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.walk(root)) {
            classes = files.filter(file -> file.toString().endsWith(".class") && !file.endsWith("module-info.class"))
                    .map(PackageRulesTest::parse).toList();
        }
        assertTrue(classes.size() > 50, "only " + classes.size() + " classes below " + root);
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void packagesKnowOnlyWhatTheyMay() {
        Map<String, Set<String>> offences = new TreeMap<>();
        for (ClassModel model : classes) {
            String own = packageOf(model.thisClass().asInternalName());
            Set<String> allowed = ALLOWED.get(own);
            for (String type : types(model)) {
                String other = packageOf(type);
                boolean foreign = other.equals(VECTORS) || type.startsWith("dev/fedtiny/");
                if (foreign && !other.equals(own) && (allowed == null || !allowed.contains(other))) {
                    offences.computeIfAbsent(model.thisClass().asInternalName(), name -> new TreeSet<>()).add(type);
                }
            }
        }
        assertEquals(Map.of(), offences, "classes, and what they must not know (rules: ALLOWED in this test)");
    }

    /** The order in which it adds floats is not specified, and changes once C2 has compiled it. */
    @Test
    void nothingReducesFloatLanesInAnUnspecifiedOrder() {
        List<String> offenders = new ArrayList<>();
        for (ClassModel model : classes) {
            for (PoolEntry entry : model.constantPool()) {
                if (entry instanceof MemberRefEntry member && member.name().equalsString("reduceLanes")
                        && member.owner().asInternalName().equals("jdk/incubator/vector/FloatVector")) {
                    offenders.add(model.thisClass().asInternalName());
                }
            }
        }
        assertEquals(List.of(), offenders, "classes that call FloatVector.reduceLanes; use LaneTree");
    }

    /** Internal names of all classes a class refers to. */
    private static Set<String> types(ClassModel model) {
        Set<String> types = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            switch (entry) {
                case ClassEntry type -> {
                    String name = type.asInternalName();
                    if (name.startsWith("[")) {
                        addDescriptor(name, types);
                    } else {
                        types.add(name);
                    }
                }
                case NameAndTypeEntry member -> addDescriptor(member.type().stringValue(), types);
                case MethodTypeEntry type -> addDescriptor(type.descriptor().stringValue(), types);
                default -> {
                }
            }
        }
        for (FieldModel field : model.fields()) {
            addDescriptor(field.fieldType().stringValue(), types);
        }
        for (MethodModel method : model.methods()) {
            addDescriptor(method.methodType().stringValue(), types);
        }
        return types;
    }

    private static void addDescriptor(String descriptor, Set<String> types) {
        Matcher matcher = CLASS_IN_DESCRIPTOR.matcher(descriptor);
        while (matcher.find()) {
            types.add(matcher.group(1));
        }
    }

    /** The package, without the engine's prefix. */
    private static String packageOf(String internalName) {
        String name = internalName.substring(0, Math.max(0, internalName.lastIndexOf('/'))).replace('/', '.');
        return name.startsWith(ROOT) ? name.substring(ROOT.length()) : name;
    }
}

package dev.fedtiny.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.testing.CompiledClasses;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reads the compiled classes and holds the rules of who may know whom. */
@Tag("once")
class PackageRulesTest {
    private static final String ROOT = "dev.fedtiny.engine";
    private static final String VECTORS = "jdk.incubator.vector";

    /** What a package may refer to, beside itself, the JDK and what refuses null. */
    private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
            Map.entry("tensor", Set.of()),
            Map.entry("sparse", Set.of("tensor")),
            Map.entry("loss", Set.of("tensor")),
            Map.entry("layer", Set.of("tensor", "internal.kernel", "internal.kernel.registry")),
            Map.entry("model", Set.of("tensor", "sparse", "layer", "runtime", "internal.conv")),
            Map.entry("internal.plan", Set.of("tensor", "sparse", "layer", "loss", "model", "measure", "runtime",
                    "internal.conv", "internal.kernel", "internal.kernel.registry")),
            Map.entry("session", Set.of("tensor", "sparse", "layer", "loss", "model", "measure", "runtime", "internal.plan",
                    "internal.kernel.registry")),
            Map.entry("op", Set.of("tensor", "sparse", "layer", "loss", "model", "session", "runtime",
                    "internal.conv", "internal.kernel", "internal.kernel.registry")),
            Map.entry("pruning", Set.of("tensor", "sparse", "layer", "loss", "model", "session")),
            Map.entry("train", Set.of("tensor", "sparse", "layer", "loss", "model", "session", "measure", "runtime", "io")),
            Map.entry("measure", Set.of("runtime", "internal.kernel")),
            Map.entry("cost", Set.of("tensor", "sparse", "layer", "model", "measure")),
            Map.entry("io", Set.of("tensor", "sparse", "layer", "model", "internal.json")),
            Map.entry("onnx", Set.of("tensor", "sparse", "layer", "model", "io", "internal.protobuf")),
            Map.entry("runtime", Set.of("internal.kernel", "internal.kernel.registry")),
            Map.entry("internal.check", Set.of()),
            Map.entry("internal.json", Set.of()),
            Map.entry("internal.protobuf", Set.of()),
            Map.entry("internal.probe",
                    Set.of("tensor", "sparse", "runtime", "internal.conv", "internal.kernel", "internal.kernel.registry")),
            Map.entry("internal.run", Set.of()),
            Map.entry("internal.conv", Set.of("tensor", "sparse", "internal.kernel", "internal.kernel.registry")),
            Map.entry("internal.kernel", Set.of("tensor", "internal.run")),
            Map.entry("internal.kernel.registry",
                    Set.of("internal.kernel", "internal.kernel.scalar", "internal.kernel.simd", "internal.run")),
            Map.entry("internal.kernel.scalar", Set.of("tensor", "internal.kernel")),
            Map.entry("internal.kernel.simd", Set.of("tensor", "internal.kernel", VECTORS)));

    private static final List<ClassModel> CLASSES = CompiledClasses.beside(dev.fedtiny.engine.model.Network.class, 50);

    @Test
    void packagesKnowOnlyWhatTheyMay() {
        Map<String, Set<String>> offences = new TreeMap<>();
        for (ClassModel model : CLASSES) {
            String own = packageOf(model.thisClass().asInternalName());
            Set<String> allowed = ALLOWED.get(own);
            for (String type : CompiledClasses.references(model)) {
                String other = packageOf(type);
                boolean foreign = other.equals(VECTORS) || type.startsWith("dev/fedtiny/");
                if (foreign && !other.equals(own) && !other.equals("internal.check") && (allowed == null || !allowed.contains(other))) {
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
        for (ClassModel model : CLASSES) {
            for (PoolEntry entry : model.constantPool()) {
                if (entry instanceof MemberRefEntry member && member.name().equalsString("reduceLanes")
                        && member.owner().asInternalName().equals("jdk/incubator/vector/FloatVector")) {
                    offenders.add(model.thisClass().asInternalName());
                }
            }
        }
        assertEquals(List.of(), offenders, "classes that call FloatVector.reduceLanes; use LaneTree");
    }

    private static String packageOf(String internalName) {
        return CompiledClasses.packageOf(internalName, ROOT);
    }
}

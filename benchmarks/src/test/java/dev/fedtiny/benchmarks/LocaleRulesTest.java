package dev.fedtiny.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.benchmarks.jmh.JmhCommand;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Result files and tables have the same digits on every machine; the application's test of this name has the whole rule. */
class LocaleRulesTest {
    private static final Set<String> WITHOUT_LOCALE = Set.of("java/lang/String.format(Ljava/lang/String;[Ljava/lang/Object;)",
            "java/lang/String.formatted([Ljava/lang/Object;)", "java/lang/String.toLowerCase()", "java/lang/String.toUpperCase()",
            "java/io/PrintStream.printf(Ljava/lang/String;[Ljava/lang/Object;)",
            "java/io/PrintStream.format(Ljava/lang/String;[Ljava/lang/Object;)",
            "java/time/format/DateTimeFormatter.ofPattern(Ljava/lang/String;)", "java/util/Scanner.<init>(Ljava/lang/String;)",
            "java/util/Scanner.<init>(Ljava/io/InputStream;)");

    private static Set<String> offences(ClassModel model) {
        Set<String> offences = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof MemberRefEntry member) {
                String descriptor = member.type().stringValue();
                String call = member.owner().asInternalName() + "." + member.name().stringValue()
                        + descriptor.substring(0, descriptor.indexOf(')') + 1);
                if (WITHOUT_LOCALE.contains(call)) {
                    offences.add(model.thisClass().asInternalName() + " calls " + call);
                }
            }
        }
        return offences;
    }

    @Test
    void nothingIsWrittenOrReadInTheLocaleOfTheMachine() throws Exception {
        Path place = Path.of(JmhCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        int classes = 0;
        Set<String> offences = new TreeSet<>();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class") && !f.endsWith("module-info.class")).toList()) {
                offences.addAll(offences(ClassFile.of().parse(file)));
                classes++;
            }
        }
        assertTrue(classes > 10, classes + " classes in " + place);
        assertEquals(Set.of(), offences, "calls without a locale; give Locale.ROOT");
    }

    @Test
    void theRuleSeesACallOfThisTest() throws Exception {
        assertTrue(String.format("%d", 1).length() == 1, "a digit, whichever");
        try (var in = LocaleRulesTest.class.getResourceAsStream("LocaleRulesTest.class")) {
            assertEquals(1, offences(ClassFile.of().parse(in.readAllBytes())).size());
        }
    }
}

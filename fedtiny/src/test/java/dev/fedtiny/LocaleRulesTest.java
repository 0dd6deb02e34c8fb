package dev.fedtiny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.cli.Main;
import dev.fedtiny.engine.model.Network;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.NumberFormat;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reads the compiled classes of both modules: no text may depend on the locale of whoever starts the program. Digits that are not Latin
 * make a style sheet or a number in a file unreadable, and a Turkish "i" makes a key unknown.
 */
class LocaleRulesTest {
    private static final String PATTERN_AND_ARGUMENTS = "(Ljava/lang/String;[Ljava/lang/Object;)";
    private static final Set<String> PRINTING = Set.of("java/lang/String", "java/io/PrintStream", "java/io/PrintWriter", "java/io/Console");
    private static final Set<String> FACTORIES = Set.of("<init>", "getInstance", "getNumberInstance", "getIntegerInstance",
            "getPercentInstance", "getCurrencyInstance", "getCompactNumberInstance", "getDateInstance", "getTimeInstance",
            "getDateTimeInstance", "getWordInstance", "getLineInstance", "getCharacterInstance", "getSentenceInstance");

    /** Whether a method takes the locale of the machine, since it is given none. */
    private static boolean isLocaleless(MemberRefEntry member) {
        String owner = member.owner().asInternalName();
        String name = member.name().stringValue();
        String descriptor = member.type().stringValue();
        if (descriptor.contains("Ljava/util/Locale;") && descriptor.indexOf("Ljava/util/Locale;") < descriptor.indexOf(')')) {
            return false;
        }
        return switch (owner) {
            case "java/util/Scanner" -> name.equals("<init>");
            case "java/util/Formatter" -> name.equals("<init>");
            case "java/util/Locale" -> name.equals("getDefault");
            case "java/util/Calendar" -> name.equals("getInstance");
            case "java/time/format/DateTimeFormatter" -> name.startsWith("of");
            case "java/time/format/DateTimeFormatterBuilder" -> name.equals("toFormatter");
            default -> owner.startsWith("java/text/") && FACTORIES.contains(name) && !descriptor.contains("DecimalFormatSymbols;)V")
                    || owner.equals("java/lang/String") && (name.equals("formatted")
                            || (name.equals("toLowerCase") || name.equals("toUpperCase")) && descriptor.startsWith("()"))
                    || PRINTING.contains(owner) && (name.equals("format") || name.equals("printf"))
                            && descriptor.startsWith(PATTERN_AND_ARGUMENTS);
        };
    }

    private static Set<String> offences(ClassModel model) {
        Set<String> offences = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof MemberRefEntry member && isLocaleless(member)) {
                offences.add(member.owner().asInternalName() + "." + member.name().stringValue());
            }
        }
        return offences;
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<ClassModel> classesBelow(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".class") && !file.endsWith("module-info.class"))
                    .map(LocaleRulesTest::parse).toList();
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {Network.class, Main.class})
    void nothingIsWrittenOrReadInTheLocaleOfTheMachine(Class<?> oneOfAModule) throws URISyntaxException, IOException {
        Path place = Path.of(oneOfAModule.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<ClassModel> classes;
        if (Files.isDirectory(place)) {
            classes = classesBelow(place);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(place)) {
                classes = classesBelow(jar.getPath("/"));
            }
        }
        assertTrue(classes.size() > 50, "only " + classes.size() + " classes in " + place);
        List<String> offenders = new ArrayList<>();
        classes.forEach(model -> offences(model).forEach(call -> offenders.add(model.thisClass().asInternalName() + " calls " + call)));
        assertEquals(List.of(), offenders, "calls without a locale; give Locale.ROOT");
    }

    /** Everything that the rule forbids. */
    static final class Offender {
        static final UnaryOperator<String> LOWER = String::toLowerCase;
        static final Formatter FORMATTER = new Formatter();
        static final Scanner SCANNER = new Scanner("1");
        static final NumberFormat NUMBER = NumberFormat.getInstance();
        static final DecimalFormat DECIMAL = new DecimalFormat("0.0");
        static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy");

        private Offender() {
        }

        static String words(PrintStream out) {
            out.printf("%d", 1).format("%d", 2);
            return String.format("%d", 1) + "%d".formatted(1) + "I".toUpperCase() + Locale.getDefault();
        }
    }

    /** The same with a locale. */
    static final class Good {
        static final UnaryOperator<String> LOWER = text -> text.toLowerCase(Locale.ROOT);
        static final NumberFormat NUMBER = NumberFormat.getInstance(Locale.ROOT);
        static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy", Locale.ROOT);

        private Good() {
        }

        static String words(PrintStream out) {
            out.printf(Locale.ROOT, "%d", 1).format(Locale.ROOT, "%d", 2);
            return String.format(Locale.ROOT, "%d", 1) + "I".toUpperCase(Locale.ROOT);
        }
    }

    @Test
    void theRuleSeesEveryForm() throws IOException {
        assertEquals(Set.of("java/io/PrintStream.format", "java/io/PrintStream.printf", "java/lang/String.format",
                "java/lang/String.formatted", "java/lang/String.toLowerCase", "java/lang/String.toUpperCase",
                "java/text/DecimalFormat.<init>", "java/text/NumberFormat.getInstance", "java/time/format/DateTimeFormatter.ofPattern",
                "java/util/Formatter.<init>", "java/util/Locale.getDefault", "java/util/Scanner.<init>"), offences(of(Offender.class)));
        assertEquals(Set.of(), offences(of(Good.class)));
    }

    private static ClassModel of(Class<?> type) throws IOException {
        try (var in = type.getResourceAsStream(type.getName().replaceFirst(".*\\.", "") + ".class")) {
            return ClassFile.of().parse(in.readAllBytes());
        }
    }
}

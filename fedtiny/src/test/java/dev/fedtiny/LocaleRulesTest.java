package dev.fedtiny;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.cli.Main;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.testing.CompiledClasses;
import dev.fedtiny.engine.testing.LocaleRule;
import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.NumberFormat;
import java.time.format.DateTimeFormatter;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads the compiled classes of both modules and holds {@link LocaleRule}, and what that sees. */
class LocaleRulesTest {
    @ParameterizedTest
    @ValueSource(classes = {Network.class, Main.class})
    void nothingIsWrittenOrReadInTheLocaleOfTheMachine(Class<?> oneOfAModule) {
        assertEquals(List.of(), LocaleRule.offences(CompiledClasses.beside(oneOfAModule, 50)), "calls without a locale; give Locale.ROOT");
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
    void theRuleSeesEveryForm() {
        assertEquals(Set.of("java/io/PrintStream.format", "java/io/PrintStream.printf", "java/lang/String.format",
                "java/lang/String.formatted", "java/lang/String.toLowerCase", "java/lang/String.toUpperCase",
                "java/text/DecimalFormat.<init>", "java/text/NumberFormat.getInstance", "java/time/format/DateTimeFormatter.ofPattern",
                "java/util/Formatter.<init>", "java/util/Locale.getDefault", "java/util/Scanner.<init>"),
                LocaleRule.calls(CompiledClasses.of(Offender.class)));
        assertEquals(Set.of(), LocaleRule.calls(CompiledClasses.of(Good.class)));
    }
}

package dev.fedtiny.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.testing.CompiledClasses;
import dev.fedtiny.engine.testing.LocaleRule;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Result files and tables have the same digits on every machine; the application's test of this name shows what the rule sees. */
class LocaleRulesTest {
    @Test
    void nothingIsWrittenOrReadInTheLocaleOfTheMachine() {
        assertEquals(List.of(), LocaleRule.offences(CompiledClasses.beside(Ending.class, 60, file -> !file.contains("generated"))),
                "calls without a locale; give Locale.ROOT");
    }
}

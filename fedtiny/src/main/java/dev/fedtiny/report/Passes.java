package dev.fedtiny.report;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.protocol.RoundPhase;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Names and colours of passes and memory categories: the same on every chart of a page. */
final class Passes {
    /** Passes of a step, by their names in JSON. */
    static final List<String> ORDER = Arrays.stream(PassKind.values()).filter(pass -> pass != PassKind.ENCODE && pass != PassKind.DECODE)
            .map(Passes::name).toList();
    /** Memory categories, by their names in JSON. */
    static final List<String> CATEGORIES = Arrays.stream(MemoryCategory.values()).map(Passes::name).toList();
    /** Phases of a round, by their names in JSON. */
    static final List<String> PHASES = Arrays.stream(RoundPhase.values()).map(Passes::name).toList();
    /** Small passes share a colour at the end of the palette. */
    private static final List<String> COLORED = List.of("forward", "backward_data", "backward_weight", "growth", "value", "output_gradient",
            "input_gradient", "statistics", "optimizer");

    private Passes() {
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Place of a pass in the palette. */
    static int color(String pass) {
        int place = COLORED.indexOf(pass);
        return place < 0 ? COLORED.size() : place;
    }

    /** Place of a memory category in the palette. */
    static int categoryColor(String category) {
        return Math.max(0, CATEGORIES.indexOf(category));
    }

    /** For people. */
    static String words(String name) {
        return name.replace('_', ' ');
    }
}

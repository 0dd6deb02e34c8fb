package dev.fedtiny.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.benchmarks.comparison.MethodCost;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** One or two values have no spread and no saving: the tables and the JSON say so in the place of a figure. */
class FewRepetitionsTest extends CommandCall {
    private static MethodCost cost(String name, double flops, double... nanos) {
        return new MethodCost(name, flops, 100, List.of(new MethodCost.Rounds(false, nanos, flops, 1000)), OptionalDouble.empty(),
                OptionalDouble.empty());
    }

    @Test
    void aComparisonOfOneRoundTellsNoSavingOfTime() {
        List<MethodCost> one = List.of(cost("fedavg", 1e9, 5e6), cost("fedtiny", 1e8, 1e6));
        String text = CompareTables.text(one);
        assertTrue(text.contains("too few to say (n = 1)") && !text.contains(" 0 %") && !text.contains("80.00 %"), text);
        assertTrue(text.contains("90.00 %"), "counted FLOPs need no repetitions: " + text);
        for (JsonObject object : CompareTables.json(one)) {
            String json = JsonWriter.compact(object);
            assertTrue(json.contains("\"rounds\":1,\"tooFewRounds\":true") && json.contains("\"medianNanos\""), json);
            assertFalse(json.contains("spread") || json.contains("timeSaving") || json.contains("timeShare"), json);
        }
    }

    @Test
    void aComparisonOfFiveRoundsTellsBoth() {
        List<MethodCost> five = List.of(cost("fedavg", 1e9, 4e6, 5e6, 5e6, 6e6, 7e6), cost("fedtiny", 1e8, 1e6, 1e6, 1e6, 1e6, 1e6));
        String text = CompareTables.text(five);
        assertTrue(text.contains("20 %") && text.contains("80.00 %") && text.contains(" 0 %") && !text.contains("n ="), text);
        JsonObject json = CompareTables.json(five).getLast();
        assertEquals(0.8, json.number("timeSaving"), 1e-12);
        assertEquals(0, json.number("spread"));
        assertTrue(JsonWriter.compact(json).contains("\"tooFewRounds\":false"));
    }

    @Test
    void aProfileOfTwoStepsTellsNoScatter() {
        String[] words = {"profile", "--width", "2", "--batch", "8", "--density", "0.2", "--threads", "1", "--steps", "2", "--warm-up",
                "0"};
        assertEquals(OK, run(words), err);
        assertTrue(out.contains("(median of 2; interquartile range too few to say (n = 2))"), out);
        words = Arrays.copyOf(words, words.length + 1);
        words[words.length - 1] = "--json";
        assertEquals(OK, run(words), err);
        assertTrue(out.contains("\"steps\":2,\"tooFewSteps\":true") && !out.contains("p10Millis") && !out.contains("p90Millis"), out);
        words[words.length - 4] = "9";
        assertEquals(OK, run(words), err);
        assertTrue(out.contains("\"tooFewSteps\":false") && out.contains("p10Millis"), out);
    }
}

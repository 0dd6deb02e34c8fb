package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FedDst;
import dev.fedtiny.method.FedMef;
import dev.fedtiny.method.FedRts;
import dev.fedtiny.method.FedSgc;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.LotteryFl;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.PruneFl;
import dev.fedtiny.method.ScoreScope;
import dev.fedtiny.method.Selection;
import dev.fedtiny.method.Snip;
import dev.fedtiny.method.SynFlow;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.Granularity;
import dev.fedtiny.pruning.Order;
import dev.fedtiny.settings.SettingSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MethodSettingsTest {
    private static Method method(Object... settings) {
        Map<SettingSpec<?>, String> map = new LinkedHashMap<>();
        map.put(Setting.ROUNDS, "300");
        map.put(AdjustmentSettings.EVERY, "0");
        map.put(AdjustmentSettings.UNTIL, "0");
        map.put(Setting.DENSITY, "0.01");
        for (int i = 0; i < settings.length; i += 2) {
            map.put((SettingSpec<?>) settings[i], (String) settings[i + 1]);
        }
        return Experiment.of(map).method();
    }

    @Test
    void everyMethodGoesByItsName() {
        for (String name : List.of("fedtiny", "fedavg", "fl-pqsu", "snip", "synflow", "prunefl", "feddst", "lotteryfl", "fedmef", "fedrts",
                "fedsgc")) {
            assertEquals(name, method(Setting.METHOD, name).name());
        }
        String message = assertThrows(IllegalArgumentException.class, () -> method(Setting.METHOD, "fedprox")).getMessage();
        assertTrue(message.contains("fedprox") && message.contains("fl-pqsu"), message);
    }

    @Test
    void defaultsAreThoseOfThePapers() {
        Optional<AdjustmentSchedule> schedule = Optional.of(new AdjustmentSchedule(10, 100, Granularity.BLOCK, Order.BACKWARD));
        assertEquals(new FedTiny(0.01, 10, Selection.ADAPTIVE, schedule), method());
        assertEquals(new Snip(0.01, Snip.USUAL_STEPS, ScoreScope.LAYER), method(Setting.METHOD, "snip"));
        assertEquals(new SynFlow(0.01, SynFlow.USUAL_STEPS, ScoreScope.LAYER), method(Setting.METHOD, "synflow"));
        assertEquals(new PruneFl(0.01, schedule, true), method(Setting.METHOD, "prunefl"));
        assertEquals(new LotteryFl(0.01, LotteryFl.USUAL_THRESHOLD, LotteryFl.USUAL_SHARE), method(Setting.METHOD, "lotteryfl"));
        assertEquals(new FedMef(0.01, schedule, FedMef.USUAL_PENALTY, FedMef.USUAL_ACTIVATION_SHARE), method(Setting.METHOD, "fedmef"));
        assertEquals(new FedRts(0.01, schedule, 10, 0.5), method(Setting.METHOD, "fedrts"));
        assertEquals(new FedSgc(0.01, schedule, FedSgc.USUAL_PRUNE_SHARE, FedSgc.USUAL_GROW_SHARE), method(Setting.METHOD, "fedsgc"));
    }

    @Test
    void ablationsAreSettings() {
        assertEquals(new FedDst(0.01, Optional.empty()), method(Setting.METHOD, "feddst", AdjustmentSettings.PROGRESSIVE,
                "false"));
        // Layer by layer the interval is a quarter, and ΔR and R_stop of a run of 300 rounds are 2 and 100.
        assertEquals(new FedDst(0.01, Optional.of(new AdjustmentSchedule(2, 100, Granularity.LAYER, Order.FORWARD))),
                method(Setting.METHOD, "feddst", AdjustmentSettings.GRANULARITY, "layer", AdjustmentSettings.ORDER,
                        "forward"));
        assertEquals(new Snip(0.01, 1, ScoreScope.GLOBAL),
                method(Setting.METHOD, "snip", Snip.STEPS, "1", SettingIndex.of("score-scope"), "global"));
        assertEquals(new FedRts(0.01, Optional.of(AdjustmentSchedule.usual(300)), 5, 1),
                method(Setting.METHOD, "fedrts", FedRts.WEIGHT, "5", FedRts.GLOBAL_SHARE, "1"));
        assertEquals(new Snip(0.01, Snip.USUAL_STEPS, ScoreScope.LAYER, Snip.Scoring.EVALUATION),
                method(Setting.METHOD, "snip", Snip.MODE, "evaluation"));
        assertEquals(new SynFlow(0.01, SynFlow.USUAL_STEPS, ScoreScope.LAYER, true),
                method(Setting.METHOD, "synflow", SynFlow.ABSOLUTE, "true"));
        assertEquals(new FedMef(0.01, Optional.of(AdjustmentSchedule.usual(300)), 0.01, 0.3, true, 0.05),
                method(Setting.METHOD, "fedmef", FedMef.EVERY_ROUND, "true", FedMef.RATE_CAP, "0.05"));
        assertEquals(new FedRts(0.01, Optional.of(AdjustmentSchedule.usual(300)), 10, 0.5, true),
                method(Setting.METHOD, "fedrts", FedRts.EVERY_ROUND, "true"));
    }

    /** PruneFL adjusts all layers at once: granularity and order, which it does not have, change nothing. */
    @Test
    void whatAMethodDoesNotHaveChangesNothing() {
        assertEquals(method(Setting.METHOD, "prunefl"), method(Setting.METHOD, "prunefl", AdjustmentSettings.GRANULARITY, "layer",
                AdjustmentSettings.ORDER, "forward"));
    }

    @Test
    void aScheduleWithoutAdjustmentsIsRefusedWhereOneIsWanted() {
        Object[] settings = {Setting.METHOD, "feddst", AdjustmentSettings.EVERY, "5", AdjustmentSettings.UNTIL, "5",
            AdjustmentSettings.PROGRESSIVE, "true"};
        String message = assertThrows(IllegalArgumentException.class, () -> method(settings)).getMessage();
        assertTrue(message.contains("progressive = false"), message);
        settings[7] = "false";
        assertEquals(new FedDst(0.01, Optional.empty()), method(settings));
    }

    /** More than devices take would be refused by each of them, round for round. */
    @Test
    void settingsGoAsFarAsMessagesDo() {
        Map<SettingSpec<?>, Integer> most = Map.of(Setting.EPOCHS, 65_536, Setting.BATCH, 65_536, FedTiny.POOL, 65_536);
        most.forEach((setting, value) -> {
            method(setting, Integer.toString(value));
            String message = assertThrows(IllegalArgumentException.class, () -> method(setting, Integer.toString(value + 1))).getMessage();
            assertTrue(message.contains(setting.key()), message);
        });
    }

    @Test
    void impossibleSettingsAreNamedWhicheverMethodRuns() {
        for (SettingSpec<?> setting : List.of(LotteryFl.SHARE, FedMef.ACTIVATIONS, FedRts.WEIGHT,
                Snip.STEPS,
                SynFlow.STEPS)) {
            String message = assertThrows(IllegalArgumentException.class, () -> method(setting, "0")).getMessage();
            assertTrue(message.contains(setting.key()), message);
        }
        assertThrows(IllegalArgumentException.class, () -> method(LotteryFl.SHARE, "1"));
        assertThrows(IllegalArgumentException.class, () -> method(FedSgc.GROW_SHARE, "1.1"));
        assertThrows(IllegalArgumentException.class, () -> method(FedSgc.PRUNE_SHARE, "-0.1"));
        assertThrows(IllegalArgumentException.class, () -> method(SettingIndex.of("score-scope"), "network"));
        assertThrows(IllegalArgumentException.class, () -> method(PruneFl.EVERY_ROUND, "sometimes"));
    }
}

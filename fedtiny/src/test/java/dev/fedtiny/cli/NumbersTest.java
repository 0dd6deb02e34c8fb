package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.command.Command;
import dev.fedtiny.command.Command.Option;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.SettingIndex;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.PruneFl;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no number, or one out of range, is refused by every option and every setting, before anything is done. */
class NumbersTest extends CommandCall {
    /** No option and no setting takes one of these as a number. */
    private static final List<String> NEVER = List.of("NaN", "nan", "Infinity", "-Infinity", "inf", "1e400", "-1e400", "1e-400", "0x1p3",
            "0x10",
            "1f", "1d", "1L", "1_000", "1,5", "\uff11\uff12", "\u0661\u0662", "1 2", "--1", "1e", "e1", ".", "+", "", " ", "1\n",
            "1\u00002", "1e99999999999",
            "9".repeat(40), "1".repeat(500), "\u2212" + "1", "one");
    /** Settings that are no numbers. */
    private static final Set<SettingSpec<?>> WORDS = Set.of(Setting.METHOD, Setting.MODEL, Setting.DATA, Setting.INIT, Setting.LABELS,
            Setting.PARTITION, Setting.PARTITION_FILE, Setting.SCHEDULE, Setting.OPTIMIZER, AdjustmentSettings.GRANULARITY,
                    AdjustmentSettings.ORDER, FedTiny.SELECTION,
            AdjustmentSettings.PROGRESSIVE, SettingIndex.of("score-scope"), PruneFl.EVERY_ROUND, Setting.AUGMENT,
                    Setting.ACTIVATIONS, Setting.FORMATS,
            Setting.ZERO_GAMMA, Setting.LAST_LINEAR_PRUNABLE, Setting.BASELINE, Setting.ON_TOO_FEW, Setting.METER, Setting.DEVICES_ON);

    @TempDir
    Path folder;

    @Test
    void numbersAreWhatTheyLookLike() {
        Numbers.Decimal any = new Numbers.Decimal(-Numbers.MOST_DECIMAL, true, Numbers.MOST_DECIMAL, "");
        for (String text : List.of("0", "1", "-1", "+1.5", ".5", "5.", "1e-4", "1E+4", " 2 ", "0.0", "-0", "0e-999", "1e37", "1e-37")) {
            assertEquals(Double.parseDouble(text) + 0.0, any.read(text).orElseThrow(), text);
        }
        Numbers.Whole whole = new Numbers.Whole(Long.MIN_VALUE, Long.MAX_VALUE, "");
        for (String text : List.of("0", "-1", "+7", "007", "9223372036854775807", "-9223372036854775808")) {
            assertEquals(Long.parseLong(text), whole.read(text).orElseThrow(), text);
        }
        for (String text : NEVER) {
            if (!text.equals("1\n")) {
                assertTrue(any.read(text).isEmpty() && whole.read(text).isEmpty(), text);
            }
        }
        assertTrue(whole.read("1.0").isEmpty() && whole.read("9223372036854775808").isEmpty() && any.read("1e38").isEmpty());
        assertEquals("a number above 0 (1.0E-37 or more) and at most 1, share", new Numbers.Decimal(0, false, 1, "share").toString());
        assertEquals("a whole number from 1 to 5 (rounds)", new Numbers.Whole(1, 5, "rounds").toString());
    }

    /** Every numeric option of every command, in words that would do nothing but parse. */
    static Stream<Arguments> options() {
        List<Arguments> all = new ArrayList<>();
        for (Command command : Main.commands()) {
            for (Option option : command.options()) {
                // A letter stands for a number; capital words and lists for others.
                if (option.value() != null && List.of("N", "S", "D", "K", "MIB").contains(option.value())) {
                    all.add(Arguments.of(command, option));
                }
            }
        }
        assertTrue(all.size() > 5, all.toString());
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("options")
    void everyNumericOptionHasARange(Command command, Option option) {
        assertTrue(option.range().isPresent(), command.name() + " --" + option.name());
        List<String> wrong = new ArrayList<>(NEVER);
        wrong.remove("1\n");
        if (!option.name().equals("seed")) {
            wrong.addAll(List.of("-1", "-0.5", "9223372036854775807", "1e38", "2147483648", "4294967297"));
        }
        for (String text : wrong) {
            assertFalse(option.range().get().holds(text), option.name() + " " + text);
            assertEquals(USAGE, run(command.name(), "--" + option.name(), text), text);
            assertTrue(err.startsWith("fedtiny: option --" + option.name() + " is '") && err.contains("', expected a "), err);
            assertEquals(1, err.lines().count(), err);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.fedtiny.experiment.SettingIndex#all")
    void everySettingRefusesWhatItCannotBe(SettingSpec<?> setting) {
        List<String> wrong = new ArrayList<>(NEVER);
        if (WORDS.contains(setting)) {
            wrong = List.of("", " ", "a\nb", "\u0000");
        } else {
            wrong.remove("1\n");
            if (setting != Setting.SEED) {
                wrong.addAll(List.of("-1", "-0.5", "1e38", "9".repeat(39), "-9223372036854775808"));
            }
        }
        for (String text : wrong) {
            boolean printed = run("run", "--print-config", "--set", setting.key() + "=" + text) == OK;
            assertFalse(printed, setting.key() + " = " + text);
            assertTrue(err.contains(setting.key()), err);
            assertEquals(1, err.lines().count(), err);
        }
    }

    /** Settings whose largest values are possible, and what is too many of anything, are told at once, with no folder left. */
    @ParameterizedTest
    @ValueSource(strings = {"batch=1000000000", "batch=100000000", "width=1000000000", "width=1025", "devices=1000000000", "devices=100000",
        "threads=1000000000", "rounds=1000000000", "epochs=1000000000", "classes=1000000000", "public-per-class=1000000",
        "validation-images=1000000000", "smallest-share=1000000000", "pool=1000000000", "cutout=1000000000", "device-memory=999999GiB"})
    void whatCannotBeRunLeavesNothing(String setting) throws Exception {
        Path out = folder.resolve("run");
        List<String> words = new ArrayList<>(List.of("run", "--out", out.toString(), "--set", "devices-on="
                + (setting.startsWith("device-memory") ? "process" : "threads"), "--set", setting));
        assertTrue(run(words.toArray(String[]::new)) != OK, err);
        assertEquals(1, err.lines().count(), err);
        assertTrue(err.contains(setting.substring(0, setting.indexOf('='))), err);
        assertFalse(Files.exists(out));
        Files.writeString(folder.resolve("s"), "sweep.seed = 1\n" + setting.replace("=", " = ") + "\ndevices-on = "
                + (setting.startsWith("device-memory") ? "process" : "threads") + "\n");
        assertTrue(run("sweep", folder.resolve("s").toString(), "--out", out.toString()) != OK, err);
        assertFalse(Files.exists(out.resolve("seed-1")), "a run that cannot be begun leaves no folder");
    }

    /** A value of its own for every setting, so that none of them is read as another's. */
    @Test
    void defaultsAreInTheirOwnRanges() {
        Map<SettingSpec<?>, String> none = new LinkedHashMap<>();
        Experiment.of(none);
        Experiment.of(Map.of(Setting.DATA, "elsewhere"));
    }
}

package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever has several settings to mend is told all of them at once, and one in the words of one. */
class SettingConflictsTest {
    private static String refused(String... settings) {
        Map<SettingSpec<?>, String> given = new LinkedHashMap<>();
        for (String setting : settings) {
            given.put(SettingIndex.of(setting.substring(0, setting.indexOf('='))), setting.substring(setting.indexOf('=') + 1));
        }
        return assertThrows(IllegalArgumentException.class, () -> Experiment.of(given)).getMessage();
    }

    private static void assertAll(String message, String... parts) {
        List<String> expected = List.of(parts);
        assertTrue(message.startsWith(expected.size() + " things are wrong with the settings: (1) "), message);
        int from = 0;
        for (int i = 0; i < expected.size(); i++) {
            int at = message.indexOf("(" + (i + 1) + ") " + expected.get(i), from);
            assertTrue(at >= from, expected.get(i) + " is not said, or in another place: " + message);
            from = at + 1;
        }
    }

    @Test
    void secureSumsSayAllThatStandsInTheirWay() {
        assertAll(refused("secure-aggregation=on", "secure-neighbours=5", "sample=2", "aggregation=median"),
                "secure-neighbours = '5', expected an even number", "secure-aggregation = 'on', expected off where a round asks 2 devices",
                "secure-aggregation = on: aggregation by Median looks at single updates",
                "secure-aggregation = on: update-bound compares single updates",
                "secure-aggregation = on: method 'fedtiny' cannot have it: stage one compares candidates by the median");
        assertAll(refused("secure-aggregation=on", "method=feddst"), "secure-aggregation = on: update-bound compares",
                "secure-aggregation = on: method 'feddst' cannot have it");
    }

    @Test
    void differentialPrivacyToo() {
        assertAll(refused("method=snip", "dp-noise=1", "aggregation=median", "over-select=1.5", "recalibrate-last=true", "min-reporters=2",
                "on-too-few=repeat"),
                "aggregation = 'median', expected mean with dp-noise", "over-select = '1.5', expected 1 with dp-noise",
                "recalibrate-last = 'true', expected false with dp-noise", "min-reporters = '2', expected 1 with dp-noise",
                "on-too-few = 'repeat', expected skip with dp-noise", "dp-noise: update-bound lets one device decide");
        assertEquals("secure-aggregation = on: dp-noise looks at single updates to clip them, which nobody sees then; use one of the "
                + "two",
                refused("method=snip", "dp-noise=1", "secure-aggregation=on", "update-bound=0"));
    }

    @Test
    void whatAllMethodsRefuseIsSaidOnce() {
        assertAll(refused("sample=11", "min-reporters=12", "adjust-every=9", "adjust-until=5", "method=snip"),
                "adjust-until = 5 is not after adjust-every = 9", "sample = '11', expected at most devices = 8",
                "min-reporters = '12', expected at most 11");
        assertEquals("sample = '11', expected at most devices = 8", refused("sample=11"));
    }

    @Test
    void valuesThatAreNoneAreAllNamed() {
        assertAll(refused("rounds=0", "model=resnet", "dropout=2", "method="), "method = '', expected a value",
                "there is no architecture 'resnet'", "rounds = '0', expected", "dropout = '2', expected");
    }

    @Test
    void keysThatAreNoneAreAllNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "rond = 3\nmethod = snip\nbatches = 2\n");
        String message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(file)).getMessage();
        assertTrue(message.startsWith("2 things are wrong with the settings: (1) ") && message.contains("; (2) "), message);
        assertTrue(message.contains("no setting is called 'rond'; did you") && message.contains("no setting is called 'batches'"), message);
    }
}

package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages, tables and files are the same wherever the program runs: with digits that are not Latin, and where "I" is not a large "i". */
@Isolated("sets the default locale")
class LocaleTest extends CommandCall {
    private static final Locale HERE = Locale.getDefault();
    private static final String METRICS = """
            {"event":"init","format":"fedtiny-metrics-2","accuracy":0.1,"pretraining":{"flops":1000,"seconds":0.5},"layers":[{"name":"c.weight","kept":5,"size":50}]}
            {"event":"round","round":1,"accuracy":0.3,"density":0.07,"maxDeviceFlops":50,"costs":{"flops":100,"bytesDown":40,"bytesUp":30,"messages":{"train":{"frames":1,"bytes":40}},"seconds":2},"failures":[{"device":3,"cause":"LATE","reason":"slow"}],"adjustments":[{"name":"c.weight","kept":2,"asked":2,"exchanged":1,"grownBefore":0,"survivors":0}],"layers":[{"name":"c.weight","kept":5,"size":50}]}
            """;

    @TempDir
    Path folder;

    @AfterEach
    void comeHome() {
        Locale.setDefault(HERE);
    }

    private String page(String name) throws Exception {
        Path run = folder.resolve("run");
        if (!Files.exists(run)) {
            Files.createDirectory(run);
            Files.writeString(run.resolve("manifest.json"), "{\"configuration\":{\"method\":\"fedtiny\"},\"machine\":{}}\n");
            Files.writeString(run.resolve("metrics.jsonl"), METRICS);
        }
        Path page = folder.resolve(name);
        assertEquals(OK, run("report", run.toString(), "--out", page.toString()), err);
        return Files.readString(page);
    }

    /** What a person or a script reads from commands that print the same every time. */
    private String printed() {
        StringBuilder all = new StringBuilder();
        for (List<String> words : List.of(List.of("help"), List.of("help", "run"), List.of("info"), List.of("data", "fashion-mnist"),
                List.of("run", "--print-config"), List.of("run", "--set", "PARTITION=iid"),
                List.of("estimate", "--set", "density=0.3", "--set", "DEVICES=2"), List.of("estimate", "--set", "partition=IID"),
                List.of("estimate", "--set", "density=0.3", "--set", "partition=iid", "--set", "devices=2", "--set", "width=4", "--set",
                        "max-images=600"))) {
            all.append(run(words.toArray(String[]::new))).append('\n').append(out).append(err);
        }
        return all.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fa-IR", "ar-EG", "tr-TR", "th-TH-u-nu-thai", "hi-IN-u-nu-deva", "de-DE"})
    void pagesAndTablesAreTheSameEverywhere(String tag) throws Exception {
        Locale.setDefault(Locale.ROOT);
        String pageOfAnywhere = page("anywhere.html");
        String printedAnywhere = printed();
        Locale.setDefault(Locale.forLanguageTag(tag));
        assertEquals(pageOfAnywhere, page("here.html"));
        assertEquals(printedAnywhere, printed());
        assertTrue(pageOfAnywhere.contains(".c0{color:var(--c0)}"), "colours of the first group");
    }

    @Test
    void whatIsForeignIsReallyForeign() {
        Locale.setDefault(Locale.forLanguageTag("fa-IR"));
        assertEquals("۱۲", String.format(Locale.getDefault(), "%d", 12), "otherwise the tests above show nothing");
        assertEquals("{\"a\":\"\\u0001\\u001f\"}", JsonWriter.compact(JsonObject.builder().put("a", "\u0001\u001f").build()));
        Locale.setDefault(Locale.forLanguageTag("tr-TR"));
        assertEquals("ı", "I".toLowerCase(Locale.getDefault()));
    }
}

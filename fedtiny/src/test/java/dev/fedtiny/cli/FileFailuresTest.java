package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands whose files are missing, in the way, links, or of another kind: what is said, by what code they end, what they leave. */
class FileFailuresTest extends CommandCall {
    @TempDir
    private Path folder;
    private Path victim;

    @BeforeEach
    void makeAVictim() throws IOException {
        victim = Files.writeString(Files.createDirectory(folder.resolve("elsewhere")).resolve("victim"), "precious");
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private void assertSaid(int code, String... parts) {
        assertTrue(code > 0 && err.startsWith("fedtiny: ") && err.lines().count() == 1, err);
        assertFalse(err.contains("Exception") || err.contains(".tmp"), err);
        for (String part : parts) {
            assertTrue(err.contains(part), part + " in " + err);
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private int partition(String out) {
        return run("partition", "--set", "max-images=300", "--set", "devices=3", "--out", out);
    }

    @Test
    void whatIsReadIsNamed() throws IOException {
        assertEquals(3, run("inspect", path("nofile")));
        assertSaid(3, path("nofile"), "no such file");
        assertEquals(3, run("inspect", folder.toString()));
        assertSaid(3, folder.toString());
        assertEquals(3, run("evaluate", path("nofile")));
        assertSaid(3, path("nofile"), "no such file");
        Path run = Files.createDirectory(folder.resolve("run"));
        Files.writeString(run.resolve("manifest.json"), "{\"configuration\": {}}");
        assertEquals(3, run("report", run.toString(), "--profile", folder.toString()));
        assertSaid(3, folder.toString(), "folder");
        assertEquals(3, run("report", run.toString(), "--profile", path("nofile")));
        assertSaid(3, path("nofile"), "no such file");
        // Latin-1 in a file of JSON: the file and the byte.
        Files.write(run.resolve("manifest.json"), new byte[] {'{', '"', (byte) 0xe4, '"', ':', '1', '}'});
        assertEquals(3, run("run", "--resume", run.toString()));
        assertSaid(3, "manifest.json", "byte 2");
        Files.delete(run.resolve("manifest.json"));
        Files.createDirectory(run.resolve("manifest.json"));
        assertEquals(3, run("run", "--resume", run.toString()));
        assertSaid(3, run.toString());
    }

    @Test
    void whatIsWrittenIsNamedAndNothingIsLeft() throws IOException {
        assertEquals(4, partition(path("none/p.json")));
        assertSaid(4, "cannot write", path("none/p.json"), "folder does not exist");
        assertEquals(4, partition(victim.resolve("p.json").toString()));
        assertSaid(4, "cannot write", "victim");
        assertEquals(4, partition(path("n".repeat(300))));
        assertSaid(4, "name is too long");
        assertEquals(0, partition(path("n".repeat(230) + ".json")), err);
        assertEquals(2, partition(path("n".repeat(230) + ".json")), err);
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
        assertEquals(2, partition(dangling.toString()));
        Files.createSymbolicLink(folder.resolve("p.json.tmp"), victim);
        assertEquals(0, partition(path("p.json")), err);
        assertEquals(List.of("dangling", "elsewhere", "n".repeat(230) + ".json", "p.json", "p.json.tmp"), names());
        assertEquals(4, run("run", "--quiet", "--out", victim.resolve("run").toString()));
        assertSaid(4, "cannot write", "victim");
        assertEquals("precious", Files.readString(victim));
    }

    /** A page that is written before its tables are refused would be taken for the whole. */
    @Test
    void aReportIsRefusedBeforeItsFirstFile() throws IOException {
        Path kept = Path.of("..", "results", "claim", "parts", "seed-1_fedtiny");
        for (String option : List.of("--csv", "--tensorboard")) {
            for (String wrong : List.of(victim.toString(), victim.resolve("tables").toString(), path("page.html"))) {
                assertEquals(2, run("report", kept.toString(), "--out", path("page.html"), option, wrong));
                assertTrue(err.contains(option + " '" + wrong + "'") && err.contains("expected a folder"), err);
                assertEquals(List.of("elsewhere"), names());
            }
        }
        assertEquals(2, run("report", kept.toString(), "--out", path("page.html"), "--csv", path("t"), "--tensorboard", victim.toString()));
        assertEquals(List.of("elsewhere"), names());
        assertEquals(0, run("report", kept.toString(), "--out", path("page.html"), "--csv", path("a/t"), "--tensorboard", path("e")), err);
        assertEquals(List.of("a", "e", "elsewhere", "page.html"), names());
        assertEquals("precious", Files.readString(victim));
    }

    @Test
    void recordingsFollowNoLink() throws IOException {
        Path dangling = Files.createSymbolicLink(folder.resolve("x.jfr"), folder.resolve("nowhere"));
        assertEquals(2, run("run", "--quiet", "--jfr", dangling.toString(), "--out", path("run")));
        assertTrue(err.contains("exists already"), err);
        assertEquals(List.of("elsewhere", "x.jfr"), names());
    }

    @Test
    void aLongChainOfIncludesIsRefused() throws IOException {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            names.add("s" + i);
            Files.writeString(folder.resolve("s" + i), i < 4_999 ? "include = s" + (i + 1) + "\n" : "rounds = 1\n");
        }
        assertEquals(2, run("estimate", path("s0")));
        assertTrue(err.contains("include each other") && err.contains("at most 32"), err);
        assertEquals(0, run("estimate", path("s4990")), err);
    }
}

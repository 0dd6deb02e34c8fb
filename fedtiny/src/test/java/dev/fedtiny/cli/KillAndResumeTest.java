package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, killed at random points and resumed until done, leave what an uninterrupted one leaves. */
class KillAndResumeTest {
    private static final String[] SETTINGS = {"width=2", "rounds=8", "devices=2", "max-images=90", "max-test-images=10", "selection=none",
        "partition=iid", "public-per-class=1", "adjust-every=1", "adjust-until=6", "density=0.2", "pretrain-epochs=1", "threads=1",
        "dropout=0.2", "checkpoint-every=2"};
    private static final int TERMINATED = 143;

    @TempDir
    private Path folder;

    private final Random random = new Random(20260101);
    private int kills;
    private int repeated;

    /** What became of a process. */
    private record End(int code, List<String> lines) {
    }

    /** How a process is ended. */
    private enum Signal {
        NONE, TERM, KILL
    }

    private End start(List<String> words, Signal signal) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m", "-cp", System.getProperty("java.class.path"),
                "dev.fedtiny.cli.Main"));
        command.addAll(words);
        Process process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        // So many lines of progress, and then a moment: in the start, in a round, between rounds, while a checkpoint is written.
        int lines = random.nextInt(14);
        int moment = random.nextInt(120);
        List<String> seen = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            boolean killed = signal == Signal.NONE;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                seen.add(line);
                if (!killed && seen.size() > lines) {
                    Thread.sleep(moment);
                    killed = true;
                    // By its handle: the process itself would close the stream that is being read.
                    if (signal == Signal.TERM) {
                        process.toHandle().destroy();
                    } else {
                        process.toHandle().destroyForcibly();
                    }
                }
            }
        }
        return new End(process.waitFor(), seen);
    }

    private static List<String> begin(Path out, String where) {
        List<String> words = new ArrayList<>(List.of("run", "--out", out.toString(), "--devices", where));
        for (String setting : SETTINGS) {
            words.addAll(List.of("--set", setting));
        }
        return words;
    }

    /** Begins a run and kills it until it is done; every other time with SIGKILL. */
    private void runWithKills(Path out, String where, int most) throws IOException, InterruptedException {
        End end = start(begin(out, where), Signal.KILL);
        for (int attempt = 1; end.code() != 0; attempt++) {
            kills++;
            assertTrue(attempt < 40, "not done after 40 attempts: " + end.lines());
            if (!Files.exists(out.resolve("manifest.json"))) {
                // Killed before there was anything to go on with.
                deleteRun(out);
                end = start(begin(out, where), attempt >= most ? Signal.NONE : Signal.KILL);
                continue;
            }
            Signal signal = attempt >= most ? Signal.NONE : attempt % 2 == 0 ? Signal.KILL : Signal.TERM;
            end = start(List.of("run", "--resume", out.toString()), signal);
            assertTrue(signal != Signal.NONE || end.code() == 0, end.lines().toString());
            if (signal == Signal.TERM && end.code() != 0) {
                assertEquals(TERMINATED, end.code(), end.lines().toString());
                assertTrue(end.lines().stream().noneMatch(line -> line.contains("process is ending")), end.lines().toString());
            }
        }
    }

    private static void assertSameRun(Path expected, Path actual) throws IOException {
        for (String part : new String[] {".", "fedavg"}) {
            for (String file : new String[] {"model.safetensors", "model.sparse.safetensors"}) {
                Path whole = expected.resolve(part).resolve(file);
                assertEquals(Files.exists(whole), Files.exists(actual.resolve(part).resolve(file)), part + "/" + file);
                if (Files.exists(whole)) {
                    assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(actual.resolve(part).resolve(file)), part + "/" + file);
                }
            }
            assertEquals(withoutTimes(expected.resolve(part)), withoutTimes(actual.resolve(part)));
            assertEquals(passing(expected.resolve(part)), passing(actual.resolve(part)),
                    "a checkpoint of the end, and nothing half written");
        }
    }

    /** Checkpoints, which take turns under two names, and files that were being written. */
    private static List<String> passing(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("checkpoint") || name.endsWith(".tmp"))
                    .map(name -> name.replaceFirst("[01]", "N")).sorted().toList();
        }
    }

    private static List<String> withoutTimes(Path directory) throws IOException {
        return Files.readAllLines(directory.resolve("metrics.jsonl")).stream().filter(line -> !line.contains("\"event\":\"devices\""))
                .map(line -> line.replaceAll("\"(seconds|joules|compilationSeconds)\":(\\[[^\\]]*\\]|[-+.0-9eE]+)", "")).toList();
    }

    /** Runs in threads without a kill, and others with kills that must come to the same. */
    private void repeat(String where, int runs, int killsOfARun) throws IOException, InterruptedException {
        Path whole = folder.resolve("whole");
        if (Files.notExists(whole)) {
            assertEquals(0, start(begin(whole, "threads"), Signal.NONE).code());
            assertEquals(10, Files.readAllLines(whole.resolve("metrics.jsonl")).size());
        }
        for (int i = 0; i < runs; i++) {
            Path killed = folder.resolve("killed-" + repeated++);
            runWithKills(killed, where, killsOfARun);
            assertSameRun(whole, killed);
        }
    }

    @Test
    void aFewKills() throws IOException, InterruptedException {
        // A fast machine may be done before the second kill comes, and where this process stands still meanwhile, before the first.
        for (int attempt = 0; attempt < 5 && kills == 0; attempt++) {
            repeat("threads", 1, 3);
        }
        assertTrue(kills >= 1, "no kill came before the run was done");
    }

    @Test
    @Tag("long")
    void manyKills() throws IOException, InterruptedException {
        repeat("threads", 10, 8);
        System.out.println("killed and resumed " + kills + " times in 10 runs");
        assertTrue(kills > 40, kills + " kills in 10 runs");
    }

    /**
     * Devices that are processes hold masks that a killed server's successor must give them back; those of the killed one must not stay.
     */
    @Test
    @Tag("long")
    void manyKillsOfAServerOfProcesses() throws IOException, InterruptedException {
        repeat("process", 3, 6);
        System.out.println("server of device processes killed and resumed " + kills + " times in 3 runs");
        assertTrue(kills > 6, kills + " kills in 3 runs");
        for (int second = 0; second < 60 && devices() > 0; second++) {
            Thread.sleep(1000);
        }
        assertEquals(0, devices(), "device processes outlived their servers");
    }

    private long devices() {
        return ProcessHandle.allProcesses().filter(p -> p.info().commandLine().orElse("").contains(folder.toString())).count();
    }

    private static void deleteRun(Path run) throws IOException {
        if (Files.exists(run)) {
            try (Stream<Path> files = Files.walk(run)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}

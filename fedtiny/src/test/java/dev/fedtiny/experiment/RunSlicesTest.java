package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.cluster.MissingObjectsException;
import dev.fedtiny.cluster.TurnNode;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node that serves many sweeps keeps of runs and images, and for how long. */
class RunSlicesTest {
    private static final Experiment EXPERIMENT = Experiment.of(Map.of(Setting.METHOD, "fedavg", Setting.WIDTH, "2", Setting.ROUNDS, "2",
            Setting.DEVICES, "2", Setting.MAX_IMAGES, "60", Setting.MAX_TEST_IMAGES, "20", Setting.PRETRAIN_EPOCHS, "0", Setting.THREADS,
            "1", Setting.BASELINE, "false"));
    private static final Map<String, String> ELSEWHERE = Map.of("manifest.json", "0".repeat(64));

    @TempDir
    private Path folder;

    /** Pauses after every round. */
    private static byte[] slice(long age, long slice, Map<String, String> files) {
        return slice(EXPERIMENT, age, slice, files);
    }

    private static byte[] slice(Experiment experiment, long age, long slice, Map<String, String> files) {
        return new RunSlice("sweep", "run", experiment.print(), List.of(), age, slice, 0, files).encode();
    }

    private int kept() throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return (int) found.count();
        }
    }

    @Test
    void aRunsDirectoryIsKeptUntilItsNextSliceAndNoLonger() throws IOException {
        RunSlices slices = new RunSlices(folder);
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("node"));
        RunSlice.Answer first = RunSlice.Answer.decode(slices.run(slice(0, 1, Map.of()), node));
        assertEquals(RunSlice.End.PAUSED, first.end(), first.sentence());
        assertEquals(1, kept());
        // A second attempt at it takes the place of the first.
        assertEquals(RunSlice.End.PAUSED, RunSlice.Answer.decode(slices.run(slice(0, 1, Map.of()), node)).end());
        assertEquals(1, kept());
        // Meanwhile another node has done a slice, and files of it are asked for.
        assertThrows(MissingObjectsException.class, () -> slices.run(slice(2, 3, ELSEWHERE), node));
        assertEquals(0, kept());
        assertEquals(RunSlice.End.PAUSED, RunSlice.Answer.decode(slices.run(slice(0, 4, Map.of()), node)).end());
        RunSlice.Answer last = RunSlice.Answer.decode(slices.run(slice(4, 5, ELSEWHERE), node));
        assertEquals(1, RunSlice.Answer.decode(slices.run(slice(0, 6, Map.of()), node)).rounds());
        assertTrue(last.rounds() > first.rounds(), "the kept directory was not used");
        assertEquals(1, kept());
    }

    @Test
    void onlyARunsOwnFilesMoveAndOfOneThatFailedManifestAndLedger() throws IOException {
        RunSlices slices = new RunSlices(folder);
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("node"));
        for (boolean fails : List.of(false, true)) {
            slices.run(slice(0, 1, Map.of()), node);
            Path run;
            try (Stream<Path> found = Files.list(folder)) {
                run = found.findFirst().orElseThrow();
            }
            Files.writeString(run.resolve("figure 1 (draft).svg"), "mine");
            Files.writeString(run.resolve("privacy.jsonl"), "{}\n");
            Experiment experiment = fails ? EXPERIMENT.with(Map.of(Setting.SEED, "2")) : EXPERIMENT;
            RunSlice.Answer answer = RunSlice.Answer.decode(slices.run(slice(experiment, 1, 2, ELSEWHERE), node));
            assertEquals(fails ? RunSlice.End.WRONG_SETTINGS : RunSlice.End.DONE, answer.end(), answer.sentence());
            assertEquals(fails ? Set.of("manifest.json", "privacy.jsonl") : Set.of("manifest.json", "metrics.jsonl", "model.safetensors",
                    "privacy.jsonl", "result.json"), answer.files().keySet().stream().filter(name -> !name.startsWith("checkpoint-"))
                            .collect(Collectors.toSet()));
        }
    }

    @Test
    void whoeverDrivesTheRunsMayBeKilledBetweenAnyTwoFilesOfASlice() throws IOException {
        RunSlices slices = new RunSlices(Files.createDirectory(folder.resolve("node")));
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("node"));
        Experiment experiment = EXPERIMENT.with(Map.of(Setting.KEEP_BEST, "true", Setting.SEED, "5"));
        TrainTest images = experiment.open();
        RunSlice.Answer paused = RunSlice.Answer.decode(slices.run(slice(experiment, 0, 1, Map.of()), node));
        RunSlice.Answer done = RunSlice.Answer.decode(slices.run(slice(experiment, 1, 2, ELSEWHERE), node));
        byte[] best = done.files().get("model.best.safetensors");
        assertFalse(Arrays.equals(best, paused.files().get("model.best.safetensors")), "the best model comes in the last slice");
        byte[] model = done.files().get("model.safetensors");
        for (RunSlice.Answer answer : List.of(paused, done)) {
            List<String> names = RunDirectory.inOrderOfArrival(answer.files().keySet());
            for (int arrived = 1; arrived <= names.size(); arrived++) {
                RunDirectory here = RunDirectory.create(folder.resolve(answer.end() + "-" + arrived));
                if (answer == done) {
                    write(paused.files(), List.copyOf(paused.files().keySet()), here.path());
                }
                write(answer.files(), names.subList(0, arrived), here.path());
                Runner.run(experiment, images, here, new Runner.Listener() {
                    @Override
                    public void round(RoundReport report, TestResult test, int rounds) {
                    }

                    @Override
                    public void warning(String sentence) {
                    }
                });
                String where = names.subList(0, arrived).toString();
                assertArrayEquals(model, Files.readAllBytes(here.path().resolve("model.safetensors")), where);
                assertArrayEquals(best, Files.readAllBytes(here.path().resolve("model.best.safetensors")), where);
            }
        }
        assertEquals(List.of("manifest.json", "privacy.jsonl", "metrics.jsonl", "model.best.safetensors", "model.best.sparse.safetensors",
                "checkpoint-1.bin", "model.safetensors", "result.json"), RunDirectory.inOrderOfArrival(List.of("result.json",
                        "model.best.sparse.safetensors", "model.safetensors", "privacy.jsonl", "model.best.safetensors", "metrics.jsonl",
                        "manifest.json", "checkpoint-1.bin")));
    }

    private static void write(Map<String, byte[]> files, List<String> names, Path folder) throws IOException {
        for (String name : names) {
            Files.write(folder.resolve(name), files.get(name));
        }
    }

    /** A node that was killed leaves what it had kept; the next one removes that, and nothing of a node that is at work. */
    @Test
    void whatAKilledNodeHadKeptGoesWithTheNextOne() throws IOException {
        NodeFolder working = NodeFolder.make(folder);
        Path killed = Files.createDirectories(folder.resolve("fedtiny-node-1/fedtiny-run7")).getParent();
        Files.writeString(killed.resolve("fedtiny-run7/model.safetensors"), "large");
        Path others = Files.createDirectory(folder.resolve("fedtiny-notes"));
        Path precious = Files.writeString(others.resolve("precious"), "");
        Files.createSymbolicLink(folder.resolve("fedtiny-node-2"), others);
        NodeFolder next = NodeFolder.make(folder);
        assertFalse(Files.exists(killed));
        // As another process sees them: the locks are still held after this one has looked at all folders.
        assertEquals("busy busy", locks(working.path(), next.path()));
        assertTrue(Files.exists(working.path()) && Files.exists(next.path()) && Files.exists(precious));
        next.lock().close();
        working.lock().close();
    }

    @Test
    void aNodeWhoseTemporaryFilesWereCleanedUpMakesItsFolderAgain() throws IOException {
        RunSlices slices = new RunSlices(folder, true);
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("node"));
        assertEquals(RunSlice.End.PAUSED, RunSlice.Answer.decode(slices.run(slice(0, 1, Map.of()), node)).end());
        Path before;
        try (Stream<Path> found = Files.list(folder)) {
            before = found.findFirst().orElseThrow();
        }
        PrivateFolder.remove(before);
        RunSlice.Answer again = RunSlice.Answer.decode(slices.run(slice(1, 2, Map.of()), node));
        assertEquals(RunSlice.End.PAUSED, again.end(), again.sentence());
        try (Stream<Path> found = Files.list(folder)) {
            List<Path> now = found.toList();
            assertEquals(1, now.size());
            assertNotEquals(before, now.getFirst());
            assertEquals("busy", locks(now.getFirst()));
        }
    }

    /** In another process: says of folders whether nodes work in them. */
    static final class Locks {
        private Locks() {
        }

        public static void main(String[] folders) throws IOException {
            StringJoiner said = new StringJoiner(" ");
            for (String at : folders) {
                said.add(ProcessLock.take(Path.of(at), "node").isPresent() ? "free" : "busy");
            }
            System.out.print(said);
        }
    }

    private static String locks(Path... folders) throws IOException {
        List<String> words = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Locks.class.getName()));
        Stream.of(folders).map(Path::toString).forEach(words::add);
        Process process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void ofManyDirectoriesTheLastAreKept() throws IOException {
        KeptDirectories directories = new KeptDirectories(2);
        for (String run : List.of("a", "b", "c")) {
            directories.keep(run, 1, Files.writeString(Files.createDirectory(folder.resolve(run)).resolve("file"), run).getParent());
        }
        assertEquals(2, kept());
        assertEquals(Optional.empty(), directories.take("a", 1));
        assertEquals(Optional.of(folder.resolve("b")), directories.take("b", 1));
        assertTrue(Files.isDirectory(folder.resolve("b")), "it is the caller's");
        assertEquals(Optional.empty(), directories.take("c", 2));
        assertFalse(Files.exists(folder.resolve("c")), "nobody goes on with what is as old");
    }

    @Test
    void ofManySetsOfImagesThoseUsedLastAreKept() throws IOException {
        Dataset all = EXPERIMENT.open().test();
        SentImages images = new SentImages(Files.createDirectory(folder.resolve("images")), 2);
        Dataset one = images.of("one", bytes(all, 1));
        images.of("two", bytes(all, 2));
        assertSame(one, images.of("one", () -> {
            throw new AssertionError("it is here");
        }));
        assertEquals(3, images.of("three", bytes(all, 3)).count());
        assertEquals(List.of(true, false, true), Stream.of("one", "two", "three").map(images::holds).toList());
        assertEquals(1, one.count());
        assertEquals(List.of(), Stream.of(folder.resolve("images").toFile().list()).toList());
    }

    private Supplier<byte[]> bytes(Dataset all, int count) {
        return () -> {
            try {
                Path file = folder.resolve(count + ".images");
                ImageFile.write(all.subset(IntStream.range(0, count).toArray()), file);
                return Files.readAllBytes(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }
}

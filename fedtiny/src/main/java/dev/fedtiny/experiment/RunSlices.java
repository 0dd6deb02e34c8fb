package dev.fedtiny.experiment;

import dev.fedtiny.cluster.TurnNode;
import dev.fedtiny.cluster.TurnTask;
import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whole runs on a node, slice by slice, with devices in threads of the node: as many threads as a slot has processors. A run's directory
 * is kept until the run goes on or is done, where not too many others have come since; so are images that were sent.
 */
public final class RunSlices implements TurnTask {
    /** By what turns name this task. */
    static final String NAME = "run";
    private static final int MOST_DIRECTORIES = 256;
    private static final int MOST_IMAGES = 64;
    /** In which a process that has been told to end does so. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private final Path temporary;
    private final boolean shared;
    /** Made for the first run, and again where it is gone. */
    private NodeFolder own;
    private final KeptDirectories directories = new KeptDirectories(MOST_DIRECTORIES);
    private final SentImages images;

    /** For the service loader. */
    public RunSlices() {
        this(Path.of(System.getProperty("java.io.tmpdir")), true);
    }

    /** With a folder for temporary files of its own. */
    RunSlices(Path folder) {
        this(folder, false);
    }

    /** With a folder where others put such files, too. */
    RunSlices(Path temporary, boolean shared) {
        this.temporary = temporary;
        this.shared = shared;
        this.images = new SentImages(temporary, MOST_IMAGES);
    }

    private synchronized Path folder() throws IOException {
        if (shared && own != null && !own.isThere()) {
            own.lock().close();
            own = null;
        }
        if (shared && own == null) {
            own = NodeFolder.make(temporary);
        }
        return shared ? own.path() : temporary;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte[] run(byte[] content, TurnNode node) {
        RunSlice slice = RunSlice.decode(content);
        String key = slice.sweep() + ' ' + slice.name();
        try {
            List<Dataset> sent = sent(slice.images(), node);
            Optional<Path> kept = directories.take(key, slice.age());
            Path path = kept.isPresent() ? kept.get() : restored(slice, node);
            boolean goesOn = false;
            try {
                RunSlice.Answer answer = done(slice, path, sent, node);
                // What failed, or is missing among the files, may have been removed by a hook: another node does the slice again.
                ProcessEnd.refuse();
                byte[] encoded = answer.encode();
                goesOn = answer.end() == RunSlice.End.PAUSED;
                if (goesOn) {
                    directories.keep(key, slice.slice(), path);
                }
                return encoded;
            } finally {
                if (!goesOn) {
                    PrivateFolder.remove(path);
                }
            }
        } catch (ProcessEndingException e) {
            // Whoever asked learns by the line that this node is gone and waits for another, which an answer would not have it do.
            linger();
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("a run's directory on the node: " + IoProblem.describe("", e), e);
        }
    }

    private static void linger() {
        try {
            Thread.sleep(LINGER);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Images that the node has, or else asks for. */
    private List<Dataset> sent(List<String> hashes, TurnNode node) {
        node.require(hashes.stream().filter(hash -> !images.holds(hash)).toList());
        return hashes.stream().map(hash -> images.of(hash, () -> node.object(hash))).toList();
    }

    private Path restored(RunSlice slice, TurnNode node) throws IOException {
        node.require(List.copyOf(slice.files().values()));
        Path path = Files.createTempDirectory(folder(), "fedtiny-run");
        boolean whole = false;
        try {
            for (Map.Entry<String, String> file : slice.files().entrySet()) {
                Files.write(path.resolve(file.getKey()), node.object(file.getValue()));
            }
            whole = true;
            return path;
        } finally {
            if (!whole) {
                PrivateFolder.remove(path);
            }
        }
    }

    private static RunSlice.Answer done(RunSlice slice, Path path, List<Dataset> sent, TurnNode node) throws IOException {
        Heard heard = new Heard(slice.seconds());
        RunSlice.End end = RunSlice.End.PAUSED;
        try {
            Experiment experiment = experiment(slice, node);
            heard.every = experiment.get(Setting.CHECKPOINT_EVERY);
            TrainTest opened = sent.isEmpty() ? experiment.open() : new TrainTest(sent.getFirst(), sent.getLast(), List.of());
            opened.notes().forEach(heard::warning);
            Runner.check(experiment, opened);
            Runner.run(experiment, opened, new RunDirectory(path), heard);
            end = RunSlice.End.DONE;
        } catch (Heard.PauseException e) {
            end = RunSlice.End.PAUSED;
        } catch (ProcessEndingException e) {
            // Another node does the slice again.
            throw e;
        } catch (DataException e) {
            return heard.failed(RunSlice.End.WRONG_DATA, e, path);
        } catch (IllegalArgumentException e) {
            return heard.failed(RunSlice.End.WRONG_SETTINGS, e, path);
        } catch (IOException | RuntimeException e) {
            return heard.failed(RunSlice.End.FAILED, e, path);
        }
        return new RunSlice.Answer(end, "", heard.rounds, heard.of, heard.accuracy, heard.notes,
                new SliceTimes(heard.done, List.copyOf(heard.left)), new RunDirectory(path).files());
    }

    private static Experiment experiment(RunSlice slice, TurnNode node) {
        Map<SettingSpec<?>, String> settings = new HashMap<>();
        SettingsText.parse(slice.name(), slice.settings()).forEach((key, entry) -> settings.put(SettingIndex.of(key), entry.value()));
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / node.facts().slots());
        settings.putAll(Map.of(Setting.DEVICES_ON, DevicesInThreads.NAME, Setting.THREADS, Integer.toString(threads)));
        return Experiment.of(settings);
    }

    /** What the run says; pauses it when its time is over. */
    private static final class Heard implements Runner.Listener {
        private final long end;
        private final List<String> notes = new ArrayList<>();
        private final List<SliceTimes.Timed> done = new ArrayList<>();
        private final Deque<Pace.Step> left = new ArrayDeque<>();
        private int every = 1;
        private int rounds;
        private int of;
        private double accuracy = Double.NaN;

        /** Ends a slice behind a checkpoint. */
        private static final class PauseException extends RuntimeException {
            private static final long serialVersionUID = 1;
        }

        Heard(int seconds) {
            end = System.nanoTime() + seconds * 1_000_000_000L;
        }

        /** Its rounds are done again; what they have spent of the devices' privacy stays spent, with the manifest that says whose. */
        RunSlice.Answer failed(RunSlice.End how, Exception cause, Path path) throws IOException {
            Map<String, byte[]> files = new RunDirectory(path).files();
            files.keySet().retainAll(files.containsKey(RunDirectory.PRIVACY) ? List.of(RunDirectory.MANIFEST, RunDirectory.PRIVACY)
                    : List.of());
            return new RunSlice.Answer(how, String.valueOf(cause.getMessage()), rounds, of, accuracy, notes, SliceTimes.NONE, files);
        }

        @Override
        public void planned(Pace.Plan plan) {
            left.clear();
            left.addAll(plan.steps());
        }

        @Override
        public void stepped(double seconds) {
            if (!left.isEmpty()) {
                done.add(new SliceTimes.Timed(left.removeFirst(), seconds));
            }
        }

        @Override
        public void started(Method method, InitReport report, TestResult test) {
            notes.addAll(report.warnings());
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
            rounds = roundsDone;
        }

        @Override
        public void round(RoundReport report, TestResult test, int allRounds) {
            rounds = report.number();
            of = allRounds;
            accuracy = test.accuracy();
            if (rounds < allRounds && rounds % every == 0 && System.nanoTime() - end >= 0) {
                throw new PauseException();
            }
        }

        @Override
        public void warning(String sentence) {
            notes.add(sentence);
        }

        @Override
        public void stopped(int roundsDone, int allRounds) {
            // Whoever drives the sweep gives the run to another node.
        }
    }
}

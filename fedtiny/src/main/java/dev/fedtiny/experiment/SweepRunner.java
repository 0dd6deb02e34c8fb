package dev.fedtiny.experiment;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.experiment.metrics.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Does the runs of a sweep one after the other, each in a directory of its own; what is done is skipped, what was begun goes on. A run that
 * fails by what may pass, be it a disk that is full or devices that do not answer, goes on from its checkpoint as often as the caller says;
 * wrong settings and wrong images never pass. Where the thread is interrupted the sweep ends with the run that is at work.
 */
public final class SweepRunner {
    private final Sweep sweep;
    private final Path out;
    private final Listener listener;
    private final int retries;
    private boolean planned;

    private SweepRunner(Sweep sweep, Path out, int retries, Listener listener) {
        this.sweep = sweep;
        this.out = out;
        this.retries = retries;
        this.listener = listener;
    }

    /** What became of a run. */
    public sealed interface Outcome {
        /** {@return which run} */
        Sweep.Run run();

        /**
         * Done, now or before.
         *
         * @param before whether it was done already
         * @param run which run
         * @param result what it came to
         */
        record Done(Sweep.Run run, Runner.Result result, boolean before) implements Outcome {
        }

        /**
         * Failed; the others go on.
         *
         * @param run which run
         * @param cause why
         */
        record Failed(Sweep.Run run, Throwable cause) implements Outcome {
        }

        /**
         * Another process works on it.
         *
         * @param run which run
         */
        record Elsewhere(Sweep.Run run) implements Outcome {
        }

        /**
         * Not done, when nothing was to be run.
         *
         * @param run which run
         * @param accuracies by round, as far as it has come
         */
        record Open(Sweep.Run run, List<Double> accuracies) implements Outcome {
            /** Keeps its own list. */
            public Open {
                accuracies = List.copyOf(accuracies);
            }
        }
    }

    /** Is told what happens. */
    public interface Listener {
        /**
         * Before a run that is not done; number counts from 1. The answer is told about its rounds.
         *
         * @param number of the run in the sweep, from 1
         * @param run which run
         * @param directory of its own
         * @return is told about its rounds
         */
        Runner.Listener begins(int number, Sweep.Run run, Path directory);

        /**
         * Once, when the images are there: what is to do in runs behind the first that is not done, as far as their settings can be
         * made out with its images.
         *
         * @param steps by name of the run, in order; of runs that may be done already, too
         */
        default void planned(Map<String, Pace.Plan> steps) {
        }

        /**
         * A run has failed and goes on from its last checkpoint.
         *
         * @param number of the run in the sweep, from 1
         * @param run which run
         * @param cause why it failed
         * @param attempt that begins now, from 2 on
         */
        default void retried(int number, Sweep.Run run, Throwable cause, int attempt) {
        }

        /**
         * After every run, also one that was done before.
         *
         * @param number of the run in the sweep, from 1
         * @param outcome what became of it
         */
        void ended(int number, Outcome outcome);
    }

    /**
     * Does all runs; one that fails is not tried again.
     *
     * @param out the directory that holds the runs' directories; may exist
     * @param sweep which runs
     * @param listener is told what happens
     * @return one outcome a run
     * @throws IllegalStateException if the thread is interrupted or, as a {@link ProcessEndingException}, the process is told to end; runs
     *         that are done stay, the others go on from their checkpoints
     */
    public static List<Outcome> run(Sweep sweep, Path out, Listener listener) {
        return run(sweep, out, 0, listener);
    }

    /**
     * Does all runs.
     *
     * @param out the directory that holds the runs' directories; may exist
     * @param sweep which runs
     * @param retries how often a run that fails by what may pass goes on from its checkpoint, at least 0
     * @param listener is told what happens
     * @return one outcome a run
     * @throws IllegalStateException if the thread is interrupted or, as a {@link ProcessEndingException}, the process is told to end; runs
     *         that are done stay, the others go on from their checkpoints
     */
    public static List<Outcome> run(Sweep sweep, Path out, int retries, Listener listener) {
        SweepRunner runner = new SweepRunner(sweep, out, retries, listener);
        List<Outcome> outcomes = new ArrayList<>();
        for (Sweep.Run run : sweep.runs()) {
            int number = outcomes.size() + 1;
            outcomes.add(runner.one(number, run));
            listener.ended(number, outcomes.getLast());
        }
        return List.copyOf(outcomes);
    }

    /**
     * What there is, when nothing is run: also of directories that hold no more than manifest, metrics and results.
     *
     * @param sweep which runs
     * @param out the directory that holds the runs' directories
     * @return one outcome a run, {@link Outcome.Done} or {@link Outcome.Open}
     * @throws IllegalArgumentException if a run's directory belongs to another experiment, whether that is done or not
     * @throws DataException if a manifest or a result is damaged
     * @throws IOException if a file of a run cannot be read
     */
    public static List<Outcome> found(Sweep sweep, Path out) throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        for (Sweep.Run run : sweep.runs()) {
            Optional<Runner.Result> result = result(run, out);
            Path metrics = out.resolve(run.name()).resolve(RunDirectory.METRICS);
            outcomes.add(result.isPresent() ? new Outcome.Done(run, result.get(), true)
                    : new Outcome.Open(run, Files.isRegularFile(metrics) ? MetricsFile.accuracies(metrics) : List.of()));
        }
        return List.copyOf(outcomes);
    }

    private Outcome one(int number, Sweep.Run run) {
        for (int attempt = 1;; attempt++) {
            refuseInterrupt(run, null);
            Outcome outcome = once(number, run);
            if (outcome instanceof Outcome.Failed failed) {
                refuseInterrupt(run, failed.cause());
            }
            if (!(outcome instanceof Outcome.Failed failed) || attempt > retries || !passes(failed.cause())) {
                return outcome;
            }
            listener.retried(number, run, failed.cause(), attempt + 1);
        }
    }

    /** The interrupt stays set: every later run would fail by it, too. */
    private static void refuseInterrupt(Sweep.Run run, Throwable cause) {
        if (Thread.currentThread().isInterrupted()) {
            throw new IllegalStateException("interrupted in run '" + run.name() + "' of a sweep; with the same directory, what is done "
                    + "stays and the other runs go on", cause);
        }
    }

    /** Whether another attempt may end otherwise. */
    private static boolean passes(Throwable cause) {
        return !(cause instanceof IllegalArgumentException || cause instanceof DataException || cause instanceof ArithmeticException
                || cause instanceof Error);
    }

    private Outcome once(int number, Sweep.Run run) {
        Path path = out.resolve(run.name());
        try {
            Optional<Runner.Result> before = Runner.finished(run.experiment(), new RunDirectory(path));
            if (before.isPresent()) {
                return new Outcome.Done(run, before.get(), true);
            }
            Runner.Listener rounds = listener.begins(number, run, path);
            TrainTest images = run.experiment().open();
            images.notes().forEach(rounds::warning);
            Runner.check(run.experiment(), images);
            plan(number, images);
            return new Outcome.Done(run, Runner.run(run.experiment(), images, RunDirectory.open(path), rounds), false);
        } catch (RunBusyException e) {
            return new Outcome.Elsewhere(run);
        } catch (ProcessEndingException e) {
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            return new Outcome.Failed(run, e);
        }
    }

    /** What the runs behind this one will do. Nothing here may cost a run that has its images. */
    private void plan(int number, TrainTest images) {
        if (!planned) {
            planned = true;
            Map<String, Pace.Plan> steps = new LinkedHashMap<>();
            for (Sweep.Run later : sweep.runs().subList(number, sweep.runs().size())) {
                try {
                    steps.put(later.name(), RunWork.of(later.experiment(), images.train(), images.test()).whole());
                } catch (RuntimeException e) {
                    // Its own turn will tell what is wrong with it.
                    steps.put(later.name(), new Pace.Plan(List.of(), false));
                }
            }
            listener.planned(steps);
        }
    }

    /**
     * The result of a run that is done; empty where it is not, be it that nothing was begun or that its directory holds no manifest.
     *
     * @param run of a sweep
     * @param out the directory that holds the runs' directories
     * @return what it came to
     * @throws IllegalArgumentException if its directory belongs to another experiment, whether that is done or not
     * @throws DataException if its manifest or its result is damaged
     * @throws IOException if a file of the run cannot be read
     */
    public static Optional<Runner.Result> result(Sweep.Run run, Path out) throws IOException {
        RunDirectory directory = new RunDirectory(out.resolve(run.name()));
        return Runner.finished(run.experiment(), directory);
    }
}

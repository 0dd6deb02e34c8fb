package dev.fedtiny.experiment;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FinalRecalibration;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.method.TrainingPlan;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Runs an experiment from pretraining, or from its last checkpoint, to the last round, and writes its directory. A run that was
 * interrupted and resumed ends with the bits of one that was not.
 */
public final class Runner {
    private Runner() {
    }

    /** Is told what happens, as it happens. */
    public interface Listener {
        /**
         * Before the first round.
         *
         * @param method of the run
         * @param report what was done before the first round
         * @param test of the model that the first round starts from
         */
        default void started(Method method, InitReport report, TestResult test) {
        }

        /**
         * In place of {@link #started} when a run goes on; so many rounds are done.
         *
         * @param method of the run
         * @param roundsDone by the checkpoint
         * @param test of the model after them
         */
        default void resumed(Method method, int roundsDone, TestResult test) {
        }

        /**
         * Something a user should know, in one line.
         *
         * @param text one sentence
         */
        default void note(String text) {
        }

        /**
         * What there is to do: before anything is done, and again where the rounds ended early.
         *
         * @param plan its steps, those that a run which goes on has done left out
         */
        default void planned(Pace.Plan plan) {
        }

        /**
         * After the next of the planned steps, before {@link #started} and {@link #round} tell what came of it.
         *
         * @param seconds wall time, writing included
         */
        default void stepped(double seconds) {
        }

        /**
         * After a round.
         *
         * @param report what the round did and cost
         * @param test of the model after it
         * @param rounds of the run
         */
        void round(RoundReport report, TestResult test, int rounds);

        /**
         * Behind the last round, where devices measured running statistics of the last model.
         *
         * @param outcome what it came to and cost
         * @param test of the model with these statistics
         */
        default void recalibrated(FinalRecalibration.Outcome outcome, TestResult test) {
            // Not everybody wants to know.
        }

        /**
         * Something a user should know that does not stop the run.
         *
         * @param sentence what, and what can be done
         */
        void warning(String sentence);

        /**
         * The process is told to end; so many rounds are done and safe. On another thread, after which the process is gone.
         *
         * @param roundsDone which need not be done again
         * @param rounds of the run
         */
        default void stopped(int roundsDone, int rounds) {
        }
    }

    /**
     * What a run came to.
     *
     * @param method its method
     * @param density of the last model; the mean of the devices' where each has its own
     * @param scores of its models on the test images
     * @param costs everything, pretraining and stage one included
     * @param maxDeviceFlops FLOPs of the most expensive round of one device
     * @param times how long it took
     * @param diverged how it ended before its last round, where it did: then model and figures are those of the last good round
     * @param stopped how it ended before its last round since it was good enough, or became no better
     */
    public record Result(Method method, double density, Scores scores, Costs costs, long maxDeviceFlops, RunTimes times,
            Optional<Divergence> diverged, Optional<EarlyStop> stopped) {
        /**
         * Of a run that did all its rounds, of which only the whole time is known.
         *
         * @param method its method
         * @param density of the last model
         * @param curve test results, the start first and then every round
         * @param costs everything, pretraining and stage one included
         * @param maxDeviceFlops FLOPs of the most expensive round of one device
         * @param wallSeconds from start to end
         */
        public Result(Method method, double density, List<TestResult> curve, Costs costs, long maxDeviceFlops, double wallSeconds) {
            this(method, density, new Scores(curve, AccuracyWindow.USUAL, Optional.empty(), Optional.empty()), costs,
                    maxDeviceFlops, RunTimes.of(wallSeconds), Optional.empty(), Optional.empty());
        }

        /** {@return test results, the start first and then every round} */
        public List<TestResult> curve() {
            return scores.curve();
        }

        /** {@return the last test result} */
        public TestResult last() {
            return scores.curve().getLast();
        }

        /** {@return {@link Scores#accuracy}} */
        public double accuracy() {
            return scores.accuracy();
        }

        /** {@return {@link Scores#recalibrated}} */
        public Optional<TestResult> recalibrated() {
            return scores.recalibrated();
        }

        /** {@return from start to end, evaluation included; of a resumed run, without what was computed twice} */
        public double wallSeconds() {
            return times.wallSeconds();
        }
    }

    /**
     * Checks all that can be known of an experiment before anything is trained or written: its settings together with the images, and that
     * its batches fit the memory.
     *
     * @param experiment its settings
     * @param images as the experiment opened them
     * @throws IllegalArgumentException if it cannot be run here, naming the setting
     */
    public static void check(Experiment experiment, TrainTest images) {
        TrainingPlan plan = experiment.plan(images.train());
        FederatedData data = experiment.data(images);
        experiment.get(Setting.DEVICES_ON).check(experiment, plan);
        RunMemory.check(experiment, plan, data);
    }

    /**
     * Runs an experiment with devices where its settings say, or goes on with it where the directory says that it was begun; one that is
     * done is only read.
     *
     * @param images as the experiment opened them
     * @param directory an empty run directory, or one of this very experiment
     * @param experiment its settings
     * @param listener is told what happens
     * @return the result, of a run that is done also where it was done before
     * @throws IllegalArgumentException if the directory belongs to another experiment, or its run was begun with devices on a network
     * @throws dev.fedtiny.data.DataException if it was begun with other images
     * @throws RunBusyException if another process works in it
     * @throws IllegalStateException if the thread is interrupted; the run goes on from its checkpoint
     * @throws ProcessEndingException if the process is told to end meanwhile; so does it then
     * @throws IOException if a file of the run cannot be read or written
     */
    public static Result run(Experiment experiment, TrainTest images, RunDirectory directory, Listener listener) throws IOException {
        if (directory.holds(NetworkHosting.WORK) && !directory.done()) {
            throw new IllegalArgumentException("'" + directory.path() + "' holds a run that was begun with devices on other machines, "
                    + "which have images of their own; go on with it: "
                    + Program.command("serve", "--resume", directory.path().toString()));
        }
        return run(experiment, images, directory, experiment.get(Setting.DEVICES_ON), listener);
    }

    /**
     * As the other, with devices anywhere.
     *
     * @param images as the experiment opened them
     * @param directory an empty run directory, or one of this very experiment
     * @param experiment its settings
     * @param devices makes the devices ready; asked only where something is left to do
     * @param listener is told what happens
     * @return the result, of a run that is done also where it was done before
     * @throws IllegalArgumentException if the directory belongs to another experiment
     * @throws dev.fedtiny.data.DataException if it was begun with other images
     * @throws RunBusyException if another process works in it
     * @throws IllegalStateException if the thread is interrupted; the run goes on from its checkpoint
     * @throws ProcessEndingException if the process is told to end meanwhile; so does it then
     * @throws IOException if a file of the run cannot be read or written
     */
    public static Result run(Experiment experiment, TrainTest images, RunDirectory directory, Hosting.Opener devices, Listener listener)
            throws IOException {
        ProcessEnd.refuse();
        try {
            Optional<Result> before = finished(experiment, directory);
            if (before.isPresent()) {
                return before.get();
            }
            directory.refuseForeignFiles();
            try (ProcessLock _ = directory.lock().orElseThrow(() -> new RunBusyException(directory.path()))) {
                // Whoever had the lock before may have done the run meanwhile.
                Optional<Result> meanwhile = finished(experiment, directory);
                return meanwhile.isPresent() ? meanwhile.get() : new RunInProgress(experiment, images, directory, listener).run(devices);
            }
        } catch (ProcessEndingException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            if (ProcessEnd.hasBegun()) {
                throw new ProcessEndingException(e);
            }
            throw e;
        }
    }

    /**
     * The result in a directory whose run is done; needs no images.
     *
     * @param experiment its settings
     * @param directory of a run, or an empty one
     * @return the result; empty where the run is not done, also where a result without a manifest may be any run's
     * @throws IllegalArgumentException if the directory belongs to another experiment
     * @throws dev.fedtiny.data.DataException if its manifest or its result is damaged
     * @throws IOException if a file of the run cannot be read
     */
    public static Optional<Result> finished(Experiment experiment, RunDirectory directory) throws IOException {
        if (!directory.holds(RunDirectory.MANIFEST)) {
            return Optional.empty();
        }
        Manifest.read(directory.path()).checkSettings(directory.path(), experiment);
        return directory.done()
                ? Optional.of(RunResults.read(directory, experiment.method(), experiment.accuracyWindow())) : Optional.empty();
    }
}

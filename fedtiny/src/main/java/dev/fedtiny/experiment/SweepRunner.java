package dev.fedtiny.experiment;

import dev.fedtiny.data.TrainTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Does the runs of a sweep one after the other, each in a directory of its own; what is done is skipped, what was begun goes on. */
public final class SweepRunner {
    private SweepRunner() {
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
         * After every run, also one that was done before.
         *
         * @param number of the run in the sweep, from 1
         * @param outcome what became of it
         */
        void ended(int number, Outcome outcome);
    }

    /**
     * Does all runs.
     *
     * @param out the directory that holds the runs' directories; may exist
     * @param sweep which runs
     * @param listener is told what happens
     * @return one outcome a run
     */
    public static List<Outcome> run(Sweep sweep, Path out, Listener listener) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Sweep.Run run : sweep.runs()) {
            int number = outcomes.size() + 1;
            outcomes.add(one(number, run, out.resolve(run.name()), listener));
            listener.ended(number, outcomes.getLast());
        }
        return List.copyOf(outcomes);
    }

    private static Outcome one(int number, Sweep.Run run, Path path, Listener listener) {
        try {
            Optional<Runner.Result> before = Runner.finished(run.experiment(), new RunDirectory(path));
            if (before.isPresent()) {
                return new Outcome.Done(run, before.get(), true);
            }
            Runner.Listener rounds = listener.begins(number, run, path);
            TrainTest images = run.experiment().open();
            images.notes().forEach(rounds::warning);
            Runner.check(run.experiment(), images);
            return new Outcome.Done(run, Runner.run(run.experiment(), images, RunDirectory.open(path), rounds), false);
        } catch (RunBusyException e) {
            return new Outcome.Elsewhere(run);
        } catch (IOException | RuntimeException | Error e) {
            return new Outcome.Failed(run, e);
        }
    }

    /**
     * The result of a run that is done; empty where it is not, or its directory is another run's.
     *
     * @param run of a sweep
     * @param out the directory that holds the runs' directories
     * @return what it came to
     * @throws IOException if a file of the run cannot be read
     */
    public static Optional<Runner.Result> result(Sweep.Run run, Path out) throws IOException {
        RunDirectory directory = new RunDirectory(out.resolve(run.name()));
        return Runner.finished(run.experiment(), directory);
    }
}

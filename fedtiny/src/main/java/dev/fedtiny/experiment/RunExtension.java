package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.experiment.checkpoint.Checkpoint;
import dev.fedtiny.experiment.checkpoint.CheckpointStore;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Another end for a run that was begun: more rounds, or another {@link EndRule}. It is given only where all that was done is what a run
 * with these settings from the start would have done, to the bit: where learning rates and adjustments of the rounds done do not depend on
 * their number, no round was evaluated because it was the last, and the run would not have ended before.
 *
 * @param directory of the run
 * @param experiment as it is to end
 */
public record RunExtension(RunDirectory directory, Experiment experiment) {
    /** What may be changed. */
    static final List<SettingSpec<?>> SETTINGS = List.of(Setting.ROUNDS, Setting.TARGET_ACCURACY, Setting.PATIENCE);

    /**
     * Gives runs another end: all or none of them.
     *
     * @param extensions of runs that belong together; those whose end is the same already stay as they are
     * @param train the training images
     * @return what was done, one sentence a run
     * @throws IllegalArgumentException if one cannot have it, with the reason and what can be done
     * @throws RunBusyException if another process works on one
     * @throws IOException if a file of a run cannot be read or written
     */
    public static List<String> apply(List<RunExtension> extensions, Dataset train) throws IOException {
        List<RunExtension> wanted = new ArrayList<>();
        for (RunExtension extension : extensions) {
            if (extension.directory.holds(RunDirectory.MANIFEST) && extension.changes()) {
                extension.check(train);
                wanted.add(extension);
            }
        }
        List<String> done = new ArrayList<>();
        for (RunExtension extension : wanted) {
            done.add(extension.write());
        }
        return done;
    }

    private boolean changes() throws IOException {
        Experiment begun = directory.experiment();
        return SETTINGS.stream().anyMatch(setting -> !begun.text(setting).equals(experiment.text(setting)));
    }

    private IllegalArgumentException refused(String reason) {
        return new IllegalArgumentException("the run in '" + directory.path() + "' cannot end with rounds = "
                + experiment.text(Setting.ROUNDS) + ", target-accuracy = " + experiment.text(Setting.TARGET_ACCURACY) + " and patience = "
                + experiment.text(Setting.PATIENCE) + ": " + reason);
    }

    /**
     * Checks that a run which is served, and goes on so, keeps its end.
     *
     * @throws IllegalArgumentException if it is to have another one, with what can be done
     * @throws IOException if its manifest cannot be read
     */
    public void refuseWhereServed() throws IOException {
        if (changes()) {
            throw served();
        }
    }

    private IllegalArgumentException served() {
        return refused("it is served to devices on other machines, and such a run ends as it was begun; serve another one that begins "
                + "with its model: --set init=" + directory.path().resolve(RunDirectory.MODEL) + " --set pretrain-epochs=0");
    }

    private void check(Dataset train) throws IOException {
        if (directory.holds(NetworkHosting.WORK)) {
            throw served();
        }
        Experiment begun = directory.experiment();
        boolean finished = directory.done();
        if (finished && RunResults.read(directory, begun.method(), begun.accuracyWindow()).diverged().isPresent()) {
            throw refused("it diverged, and there is nothing to go on with");
        }
        Optional<Checkpoint> checkpoint = new CheckpointStore(directory.path()).newest(begun.network(train), Long.MAX_VALUE, _ -> { });
        if (checkpoint.isEmpty()) {
            if (finished) {
                throw refused("it is done and holds no checkpoint of its end (keep-checkpoint = false, or an earlier release); begin "
                        + "another run with its model: --set init=" + directory.path().resolve(RunDirectory.MODEL)
                        + " --set pretrain-epochs=0");
            }
            return;
        }
        check(begun, checkpoint.get().curve(), train);
    }

    private void check(Experiment begun, List<TestResult> curve, Dataset train) {
        int done = curve.size() - 1;
        if (experiment.get(Setting.ROUNDS) < done) {
            throw refused(done + " rounds are done already");
        }
        TrainingPlan before = begun.plan(train);
        TrainingPlan after = experiment.plan(train);
        for (int round = 0; round < done; round++) {
            if (before.learningRate(round) != after.learningRate(round)) {
                throw refused(String.format(Locale.ROOT, "the learning rate of round %d was %.6g and would have been %.6g, since "
                        + "schedule = %s goes by the number of rounds; a run that is to be given more needs schedule = constant from the "
                        + "start", round + 1, before.learningRate(round), after.learningRate(round), begun.text(Setting.SCHEDULE)));
            }
        }
        if (done > 0 && !begun.method().equals(experiment.method())) {
            throw refused("adjustments of " + begun.method().name() + " go by the number of rounds where adjust-every or adjust-until "
                    + "is 0; a run that is to be given more needs both from the start");
        }
        int every = begun.get(Setting.EVALUATE_EVERY);
        if (experiment.get(Setting.ROUNDS) == done && !curve.getLast().evaluated()) {
            throw refused("round " + done + " would be the last, and was not evaluated (evaluate-every = " + every + "); a run that is to "
                    + "have fewer needs a number of rounds that this divides, or more than are done");
        }
        if (done == begun.get(Setting.ROUNDS) && done % every != 0 && experiment.get(Setting.ROUNDS) > done) {
            throw refused("round " + done + " was evaluated only because it was the last (evaluate-every = " + every
                    + "); a run that is to be given more needs a number of rounds that this divides");
        }
        for (int round = 1; round < done; round++) {
            Optional<EarlyStop> earlier = experiment.endRule().after(curve.subList(0, round + 1));
            if (earlier.isPresent()) {
                throw refused("it would have " + earlier.get() + "; " + done + " rounds are done");
            }
        }
    }

    /** The result goes first: a manifest that says more than is done is a run to go on with, and one that says less is done again. */
    private String write() throws IOException {
        String before = directory.experiment().text(Setting.ROUNDS);
        try (ProcessLock _ = directory.lock().orElseThrow(() -> new RunBusyException(directory.path()))) {
            Files.deleteIfExists(directory.path().resolve(RunDirectory.RESULT));
            directory.json(RunDirectory.MANIFEST, Manifest.read(directory.path()).endingAs(experiment).object());
        }
        return "the run in '" + directory.path() + "' goes on: rounds = " + experiment.text(Setting.ROUNDS) + " (was " + before
                + "), target-accuracy = " + experiment.text(Setting.TARGET_ACCURACY) + ", patience = "
                + experiment.text(Setting.PATIENCE);
    }
}

package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.experiment.checkpoint.Checkpoint;
import dev.fedtiny.experiment.metrics.ClassJson;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Metering;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run that is not done, from where it stands to its result: begun or gone on with, its devices made ready, its rounds done, and what
 * stands behind them written. The caller holds the directory's lock. Used once.
 */
final class RunInProgress {
    private final Experiment experiment;
    private final TrainTest images;
    private final RunDirectory directory;
    private final Runner.Listener listener;
    private final Method method;
    private final TrainingPlan plan;
    private final FederatedData data;

    RunInProgress(Experiment experiment, TrainTest images, RunDirectory directory, Runner.Listener listener) {
        this.experiment = experiment;
        this.images = images;
        this.directory = directory;
        this.listener = listener;
        this.method = experiment.method();
        this.plan = experiment.plan(images.train());
        this.data = experiment.data(images);
    }

    /** Devices, which hear that it is over where their part in the run is, and otherwise wait for whoever goes on with it. */
    private static final class Guests implements AutoCloseable {
        private final Hosting hosting;
        private boolean over;

        Guests(Hosting hosting) {
            this.hosting = hosting;
        }

        @Override
        public void close() throws IOException {
            if (over) {
                hosting.close();
            } else {
                hosting.abandon();
            }
        }
    }

    /** What the devices' part in the run came to. */
    private record Trained(RoundLoop.Ended ended, Recalibrated recalibrated) {
    }

    /** Does what is left of it. */
    Runner.Result run(Hosting.Opener devices) throws IOException {
        Map<String, JsonObject> otherwise = begin();
        try (RunJournal journal = new RunJournal(directory, experiment.get(Setting.CHECKPOINT_EVERY),
                experiment.get(Setting.KEEP_CHECKPOINT), done -> listener.stopped(done, plan.rounds()));
                Spending spending = Spending.open(directory, plan.noise())) {
            Optional<Checkpoint> checkpoint = restore(journal, spending, otherwise);
            experiment.decidedByTest().ifPresent(listener::warning);
            Trained trained;
            try (Guests guests = new Guests(devices.open(experiment, plan, data, directory.path(), listener::note))) {
                trained = train(guests.hosting, checkpoint, journal, spending);
                measure(guests.hosting, journal);
                guests.over = true;
            }
            Runner.Result result = write(trained, journal);
            journal.done(result, spending.json());
            return result;
        }
    }

    /** Writes the manifest, or checks that it is this run's. Returns what is otherwise here than where it began, by part. */
    private Map<String, JsonObject> begin() throws IOException {
        if (!directory.holds(RunDirectory.MANIFEST)) {
            directory.refuseForeignFiles();
            directory.json(RunDirectory.MANIFEST, Manifest.of(experiment, images).object());
            return Map.of();
        }
        Manifest begun = Manifest.read(directory.path());
        begun.checkImages(directory.path(), images);
        begun.checkFiles(directory.path(), experiment);
        begun.otherProgram().ifPresent(listener::warning);
        return begun.otherwise(experiment);
    }

    /** Goes back to the newest checkpoint; empty where the run starts. */
    private Optional<Checkpoint> restore(RunJournal journal, Spending spending, Map<String, JsonObject> otherwise) throws IOException {
        Optional<Checkpoint> checkpoint = journal.restore(plan.network(), listener::warning);
        checkpoint.flatMap(at -> spending.atLeast(at.state().round())).ifPresent(listener::warning);
        if (checkpoint.isPresent() && !otherwise.isEmpty()) {
            journal.note(Metrics.resumed(checkpoint.get().state().round(), otherwise));
        }
        return checkpoint;
    }

    /** The rounds that are left, and what is measured behind the last one of the models they end with. */
    private Trained train(Hosting hosting, Optional<Checkpoint> checkpoint, RunJournal journal, Spending spending) throws IOException {
        hosting.context().absent().forEach(failure -> listener.warning("device " + failure.device()
                + " is not there and is asked again in its next round: " + failure.reason()));
        RunWork work = RunWork.of(experiment, plan, data, hosting.holdsShares());
        listener.planned(checkpoint.isPresent() ? work.after(checkpoint.get().state()) : work.whole());
        List<Dataset> shares = hosting.holdsShares() ? data.devices() : List.of();
        Judge judge = new Judge(experiment.get(Setting.EVALUATE_EVERY), experiment.endRule(), experiment.get(Setting.KEEP_BEST), directory);
        RoundLoop.Watch watch = new RoundLoop.Watch(method, experiment.divergenceRule(), judge,
                new DeviceEvaluation(shares, experiment.get(Setting.EVALUATE_DEVICES)),
                ClassJson.split(data, hosting.holdsShares()), spending, listener);
        spending.planned(plan.rounds() - checkpoint.map(at -> at.state().round()).orElse(0)).ifPresent(listener::note);
        RoundLoop.Ended ended = new RoundLoop(watch, hosting.context(), journal).run(checkpoint);
        spending.spent().ifPresent(listener::note);
        if (ended.state().round() < plan.rounds()) {
            listener.planned(work.behind(ended.state()));
        }
        long startNanos = System.nanoTime();
        Recalibrated recalibrated = Recalibrated.behind(ended.state(), experiment, hosting.context(), journal, listener);
        if (experiment.get(Setting.RECALIBRATE_LAST)) {
            listener.stepped((System.nanoTime() - startNanos) / 1e9);
        }
        Optional<JsonObject> personal = PersonalScores.of(experiment, hosting.context(), ended.state(), shares);
        if (personal.isPresent()) {
            journal.note(personal.get());
            listener.note(PersonalScores.words(personal.get()));
        }
        return new Trained(ended, recalibrated);
    }

    /** What machine and devices can do and have taken, as far as it was asked for or is known. */
    private void measure(Hosting hosting, RunJournal journal) throws IOException {
        if (experiment.get(Setting.METER) == Metering.ON) {
            boolean alone = experiment.get(Setting.DEVICES_ON).inThisProcess() && experiment.slots() == 1;
            JsonObject roof = Metrics.roof(alone ? experiment.threads() : 1);
            journal.note(roof);
            if (roof.find("roofGigabytes").isEmpty()) {
                listener.warning("the rate of this machine's memory was not measured, since the heap has no room for that: the "
                        + "report of this run has no roofline");
            }
        }
        if (!hosting.figures().isEmpty() || !hosting.processes().isEmpty()) {
            journal.note(Metrics.devices(hosting.figures(), hosting.processes(), hosting.simulatedSeconds()));
        }
        if (!hosting.summary().isEmpty()) {
            listener.note(hosting.summary());
        }
    }

    /** Writes the models; the result, which says that the run is done, is the journal's to write. */
    private Runner.Result write(Trained trained, RunJournal journal) throws IOException {
        MethodState state = trained.ended().state();
        Recalibrated recalibrated = trained.recalibrated();
        directory.model(state.model());
        directory.partModels(state.parts().models(state.model()), plan.local().classes());
        recalibrated.write(directory, plan.local().classes());
        Scores scores = new Scores(journal.curve(), experiment.accuracyWindow(), recalibrated.test(),
                experiment.get(Setting.KEEP_BEST) ? Optional.of(best(journal.curve(), experiment.endRule())) : Optional.empty());
        return new Runner.Result(method, method.density(state), scores, state.costs().plus(recalibrated.costs()),
                journal.maxDeviceFlops(), journal.times(), trained.ended().diverged(), trained.ended().stopped());
    }

    private static BestModel best(List<TestResult> curve, EndRule rule) {
        int round = EndRule.best(curve);
        return new BestModel(round, curve.get(round), rule.judgedBy());
    }
}

package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.device.Confusion;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.experiment.checkpoint.Checkpoint;
import dev.fedtiny.experiment.metrics.ClassJson;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.DeviceRound;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.FinalRecalibration;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.LayerCount;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Metering;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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
        void started(Method method, InitReport report, TestResult test);

        /**
         * In place of {@link #started} when a run goes on; so many rounds are done.
         *
         * @param method of the run
         * @param roundsDone by the checkpoint
         * @param test of the model after them
         */
        void resumed(Method method, int roundsDone, TestResult test);

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
        void stopped(int roundsDone, int rounds);
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
     * @throws IllegalArgumentException if the directory belongs to another experiment
     * @throws dev.fedtiny.data.DataException if it was begun with other images
     * @throws RunBusyException if another process works in it
     * @throws IOException if a file of the run cannot be read or written
     */
    public static Result run(Experiment experiment, TrainTest images, RunDirectory directory, Listener listener) throws IOException {
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
     * @throws IOException if a file of the run cannot be read or written
     */
    public static Result run(Experiment experiment, TrainTest images, RunDirectory directory, Hosting.Opener devices, Listener listener)
            throws IOException {
        Method method = experiment.method();
        TrainingPlan plan = experiment.plan(images.train());
        FederatedData data = experiment.data(images);
        Optional<Result> finished = finished(experiment, directory);
        if (finished.isPresent()) {
            return finished.get();
        }
        if (directory.holds(RunDirectory.MANIFEST)) {
            Manifest begun = Manifest.read(directory.path());
            begun.checkImages(directory.path(), images);
            begun.checkInitialModel(directory.path(), experiment);
            begun.otherProgram().ifPresent(listener::warning);
        } else {
            directory.refuseForeignFiles();
            directory.json(RunDirectory.MANIFEST, Manifest.of(experiment, images).object());
        }
        try (RunJournal journal = new RunJournal(directory, experiment.get(Setting.CHECKPOINT_EVERY),
                experiment.get(Setting.KEEP_CHECKPOINT), done -> listener.stopped(done, plan.rounds()));
                Spending spending = Spending.open(directory, plan.noise())) {
            Optional<Checkpoint> checkpoint = journal.restore(plan.network(), listener::warning);
            experiment.decidedByTest().ifPresent(listener::warning);
            Ended ended;
            Recalibrated recalibrated;
            try (Hosting hosting = devices.open(experiment, plan, data, directory.path(), listener::note)) {
                hosting.context().absent().forEach(failure -> listener.warning("device " + failure.device()
                        + " is not there and is asked again in its next round: " + failure.reason()));
                RunWork work = RunWork.of(experiment, plan, data, hosting.holdsShares());
                listener.planned(checkpoint.isPresent() ? work.after(checkpoint.get().state()) : work.whole());
                List<Dataset> shares = hosting.holdsShares() ? data.devices() : List.of();
                Judge judge = new Judge(experiment.get(Setting.EVALUATE_EVERY), experiment.endRule(), experiment.get(Setting.KEEP_BEST),
                        directory);
                Watch watch = new Watch(method, experiment.divergenceRule(), judge,
                        new DeviceEvaluation(shares, experiment.get(Setting.EVALUATE_DEVICES), plan.rounds()),
                        ClassJson.split(data, hosting.holdsShares()), spending, listener);
                spending.planned(plan.rounds() - checkpoint.map(at -> at.state().round()).orElse(0)).ifPresent(listener::note);
                ended = rounds(watch, hosting.context(), checkpoint, journal);
                spending.spent().ifPresent(listener::note);
                if (ended.state().round() < plan.rounds()) {
                    listener.planned(work.behind(ended.state()));
                }
                long behindNanos = System.nanoTime();
                recalibrated = Recalibrated.behind(ended.state(), experiment, hosting.context(), journal, listener);
                if (experiment.get(Setting.RECALIBRATE_LAST)) {
                    listener.stepped((System.nanoTime() - behindNanos) / 1e9);
                }
                Optional<JsonObject> personal = PersonalScores.of(experiment, hosting.context(), ended.state(), shares);
                if (personal.isPresent()) {
                    journal.note(personal.get());
                    listener.note(PersonalScores.words(personal.get()));
                }
                if (experiment.get(Setting.METER) == Metering.ON) {
                    boolean alone = experiment.get(Setting.DEVICES_ON).inThisProcess() && experiment.slots() == 1;
                    journal.note(Metrics.roof(alone ? experiment.threads() : 1));
                }
                if (!hosting.figures().isEmpty() || !hosting.processes().isEmpty()) {
                    journal.note(Metrics.devices(hosting.figures(), hosting.processes(), hosting.simulatedSeconds()));
                }
                if (!hosting.summary().isEmpty()) {
                    listener.note(hosting.summary());
                }
            }
            MethodState state = ended.state();
            directory.model(state.model());
            directory.partModels(state.parts().models(state.model()), plan.local().classes());
            recalibrated.write(directory, plan.local().classes());
            Scores scores = new Scores(journal.curve(), experiment.accuracyWindow(), recalibrated.test(),
                    experiment.get(Setting.KEEP_BEST) ? Optional.of(best(journal.curve(), experiment.endRule())) : Optional.empty());
            Result result = new Result(method, method.density(state), scores, state.costs().plus(recalibrated.costs()),
                    journal.maxDeviceFlops(), journal.times(), ended.diverged(), ended.stopped());
            journal.done(result, spending.json());
            return result;
        }
    }

    /**
     * The result in a directory whose run is done; needs no images.
     *
     * @param experiment its settings
     * @param directory of a run, or an empty one
     * @return the result; empty where the run is not done
     * @throws IllegalArgumentException if the directory belongs to another experiment
     * @throws IOException if a file of the run cannot be read
     */
    public static Optional<Result> finished(Experiment experiment, RunDirectory directory) throws IOException {
        if (directory.holds(RunDirectory.MANIFEST)) {
            Manifest.read(directory.path()).checkSettings(directory.path(), experiment);
        }
        return directory.done()
                ? Optional.of(RunResults.read(directory, experiment.method(), experiment.accuracyWindow())) : Optional.empty();
    }

    private static BestModel best(List<TestResult> curve, EndRule rule) {
        int round = EndRule.best(curve);
        return new BestModel(round, curve.get(round), rule.judgedBy());
    }

    /** How the rounds ended. */
    private record Ended(MethodState state, Optional<Divergence> diverged, Optional<EarlyStop> stopped) {
    }

    /**
     * What is done with the rounds of a run besides doing them.
     *
     * @param method whose rounds they are
     * @param rule what ends a run that diverges
     * @param judge when and by what models are judged
     * @param devices evaluates on devices' own images
     * @param split who has how many images of which class
     * @param spending of the devices' privacy
     * @param listener is told
     */
    private record Watch(Method method, DivergenceRule rule, Judge judge, DeviceEvaluation devices, JsonObject split, Spending spending,
            Listener listener) {
        /** A round, or the start, and what followed it: evaluation is a step of its own where there was one. */
        private void stepped(long workNanos, long allNanos, boolean evaluated) {
            listener.stepped((evaluated ? workNanos : allNanos) / 1e9);
            if (evaluated) {
                listener.stepped((allNanos - workNanos) / 1e9);
            }
        }

        private Metrics.Observed observed(FederationContext context, Expense.Spent spent, MethodState state, TestResult test,
                List<DeviceRound> worked) {
            return new Metrics.Observed(context.takeMeasured(), spent, devices.after(context, method, state),
                    ClassFigures.of(context, state, test, worked), spending.soFar());
        }
    }

    private static Ended rounds(Watch watch, FederationContext context, Optional<Checkpoint> checkpoint, RunJournal journal)
            throws IOException {
        Method method = watch.method();
        Listener listener = watch.listener();
        int rounds = context.plan().rounds();
        MethodState state;
        int goBacks = 0;
        if (checkpoint.isPresent()) {
            state = context.resume(method, checkpoint.get().state());
            goBacks = checkpoint.get().goBacks();
            listener.resumed(method, state.round(), journal.lastEvaluated());
        } else {
            state = start(watch, context, journal);
        }
        // A run that ended so and then lost its result ends so again.
        Optional<Divergence> diverged = goBacks > 0 && (watch.rule().ends(goBacks) || state.round() == rounds)
                ? Optional.of(new Divergence(state.round(), journal.wentBack(state.round()).orElse("the round spoilt the model")))
                : Optional.empty();
        Optional<EarlyStop> stopped = diverged.isEmpty() && state.round() < rounds ? watch.judge().rule().after(journal.curve())
                : Optional.empty();
        // Of the model that is kept, where this process has evaluated it.
        Optional<TestResult> judged = Optional.empty();
        while (state.round() < rounds && diverged.isEmpty() && stopped.isEmpty()) {
            long startNanos = System.nanoTime();
            RoundEvent event = RoundEvent.start();
            Expense expense = Expense.begin();
            watch.spending().round(state.round());
            Method.RoundOutcome outcome = method.round(context, state);
            Expense.Spent spent = expense.end();
            long workNanos = System.nanoTime() - startNanos;
            RoundEvent.finish(event, outcome.report());
            boolean due = watch.judge().due(outcome.report().number(), rounds);
            TestResult last = journal.lastEvaluated();
            TestResult test = due ? evaluated(() -> method.evaluate(context, outcome.state())) : TestResult.notEvaluated();
            Optional<String> trouble = DivergenceRule.trouble(outcome.report(), outcome.state(), test, last,
                    context.plan().noise().isPresent());
            goBacks = trouble.isPresent() ? goBacks + 1 : 0;
            // Behind the last round there is none that could show that going back helped.
            if (trouble.isPresent() && (watch.rule().ends(goBacks) || outcome.report().number() == rounds)) {
                diverged = Optional.of(new Divergence(outcome.report().number(), trouble.get()));
            }
            state = trouble.isPresent() ? outcome.state().backTo(state) : outcome.state();
            MethodState now = state;
            TestResult kept = trouble.isEmpty() ? test : journal.curve().getLast();
            if ((due || diverged.isPresent()) && !kept.evaluated()) {
                // The run went back to a model that nobody has looked at yet.
                kept = evaluated(() -> method.evaluate(context, now));
            }
            judged = trouble.isPresent() ? judged : Optional.of(test).filter(TestResult::evaluated);
            boolean best = watch.judge().keep(journal.curve(), kept, state);
            stopped = diverged.isPresent() || state.round() == rounds ? Optional.empty()
                    : watch.judge().rule().after(Judge.with(journal.curve(), kept));
            RoundReport report = trouble.isPresent() ? outcome.report().undone(method.density(state), LayerCount.of(state.model()))
                    : outcome.report();
            journal.finished(state, kept, report.maxDeviceFlops(),
                    Metrics.round(report, kept, trouble.map(reason -> new Metrics.Setback(reason, test)),
                            watch.observed(context, spent, state, kept, report.devices())), goBacks,
                    best || state.round() == rounds || diverged.isPresent() || stopped.isPresent())
                    .ifPresent(context::saved);
            watch.stepped(workNanos, System.nanoTime() - startNanos, due || watch.devices().due(state));
            listener.round(report, kept, rounds);
            if (trouble.isPresent()) {
                listener.warning("round " + outcome.report().number() + ": " + trouble.get()
                        + (diverged.isPresent() ? "; the run has diverged and ends with the last good model; use a smaller learning-rate"
                        : "; went back to the model of the round before"));
            }
        }
        MethodState end = state;
        Confusion confusion = judged.orElseGet(() -> evaluated(() -> method.evaluate(context, end))).confusion();
        if (confusion.known()) {
            journal.note(ClassJson.confusion(confusion));
        }
        if (diverged.isPresent()) {
            journal.note(Metrics.diverged(diverged.get()));
        }
        if (stopped.isPresent()) {
            journal.note(Metrics.stopped(stopped.get()));
            listener.note(method.name() + " " + stopped.get());
        }
        return new Ended(state, diverged, stopped);
    }

    private static MethodState start(Watch watch, FederationContext context, RunJournal journal) throws IOException {
        Method method = watch.method();
        long startNanos = System.nanoTime();
        Expense expense = Expense.begin();
        Method.InitOutcome init = method.init(context);
        Expense.Spent spent = expense.end();
        long workNanos = System.nanoTime() - startNanos;
        TestResult test = evaluated(() -> method.evaluate(context, init.state()));
        if (!Double.isFinite(test.loss())) {
            throw new ArithmeticException("the start of " + method.name() + " has no finite loss on the test images: pretraining diverged; "
                    + "use a smaller pretrain-learning-rate");
        }
        watch.judge().keep(List.of(), test, init.state());
        journal.finished(init.state(), test, 0, Metrics.init(init.report(), test,
                watch.observed(context, spent, init.state(), test, List.of()), watch.split()), 0, false).ifPresent(context::saved);
        watch.stepped(workNanos, System.nanoTime() - startNanos, true);
        watch.listener().started(method, init.report(), test);
        return init.state();
    }

    /** A score on the test set; a loss that is no number where the model's outputs are not finite. */
    static TestResult evaluated(Supplier<TestResult> evaluation) {
        try {
            return evaluation.get();
        } catch (ArithmeticException e) {
            return TestResult.notFinite();
        }
    }
}

package dev.fedtiny.experiment;

import dev.fedtiny.device.Confusion;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.experiment.checkpoint.Checkpoint;
import dev.fedtiny.experiment.metrics.ClassJson;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.LayerCount;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The rounds of a run, from its start or its last checkpoint to its last round or to where it ends before: each is done, judged, told, and
 * safe before the next begins. Used once.
 */
final class RoundLoop {
    private final Watch watch;
    private final Method method;
    private final Runner.Listener listener;
    private final FederationContext context;
    private final RunJournal journal;
    private final int rounds;
    private MethodState state;
    /** Rounds one after the other that left the model as it was before them. */
    private int goBacks;
    private Optional<Divergence> diverged = Optional.empty();
    private Optional<EarlyStop> stopped = Optional.empty();
    /** Of the model that is kept, where this process has evaluated it. */
    private Optional<TestResult> judged = Optional.empty();

    RoundLoop(Watch watch, FederationContext context, RunJournal journal) {
        this.watch = watch;
        this.method = watch.method();
        this.listener = watch.listener();
        this.context = context;
        this.journal = journal;
        this.rounds = context.plan().rounds();
    }

    /** How the rounds ended. */
    record Ended(MethodState state, Optional<Divergence> diverged, Optional<EarlyStop> stopped) {
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
    record Watch(Method method, DivergenceRule rule, Judge judge, DeviceEvaluation devices, JsonObject split, Spending spending,
            Runner.Listener listener) {
        /** A round, or the start, and what followed it: evaluation is a step of its own where there was one. */
        private void stepped(long workNanos, long allNanos, boolean evaluated) {
            listener.stepped((evaluated ? workNanos : allNanos) / 1e9);
            if (evaluated) {
                listener.stepped((allNanos - workNanos) / 1e9);
            }
        }

        private Metrics.Observed observed(FederationContext context, Expense.Spent spent, MethodState state, TestResult test,
                ClassFigures classes, boolean last) {
            return new Metrics.Observed(context.takeMeasured(), spent, devices.after(context, method, state, last),
                    classes.of(context, state, test), spending.soFar());
        }
    }

    /**
     * Does the rounds that are left.
     *
     * @param checkpoint where the run goes on; empty: it starts
     */
    Ended run(Optional<Checkpoint> checkpoint) throws IOException {
        if (checkpoint.isPresent()) {
            resume(checkpoint.get());
        } else {
            start();
        }
        while (state.round() < rounds && diverged.isEmpty() && stopped.isEmpty()) {
            round();
        }
        Confusion confusion = judged.orElseGet(() -> Judge.evaluated(() -> method.evaluate(context, state))).confusion();
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

    private void resume(Checkpoint checkpoint) throws IOException {
        state = context.resume(method, checkpoint.state());
        goBacks = checkpoint.goBacks();
        List<TestResult> before = journal.curve().subList(0, state.round());
        if (state.round() > 0 && watch.judge().best(before, journal.curve().getLast())) {
            // The process may have ended behind the checkpoint and before the model was written.
            watch.judge().keep(state);
        }
        listener.resumed(method, state.round(), journal.lastEvaluated());
        // A run that ended so and then lost its result ends so again.
        if (goBacks > 0 && (watch.rule().ends(goBacks) || state.round() == rounds)) {
            diverged = Optional.of(new Divergence(state.round(), journal.wentBack(state.round()).orElse("the round spoilt the model")));
        } else if (state.round() < rounds) {
            stopped = watch.judge().rule().after(journal.curve());
        }
    }

    private void start() throws IOException {
        long startNanos = System.nanoTime();
        Expense expense = Expense.begin();
        Method.InitOutcome init = method.init(context);
        Expense.Spent spent = expense.end();
        long workNanos = System.nanoTime() - startNanos;
        TestResult test = Judge.evaluated(() -> method.evaluate(context, init.state()));
        if (!Double.isFinite(test.loss())) {
            throw new ArithmeticException("the start of " + method.name() + " has no finite loss on the test images: pretraining diverged; "
                    + "use a smaller pretrain-learning-rate");
        }
        if (watch.judge().best(List.of(), test)) {
            watch.judge().keep(init.state());
        }
        journal.finished(init.state(), test, 0, Metrics.init(init.report(), test,
                watch.observed(context, spent, init.state(), test, ClassFigures.START, false), watch.split()), 0, false)
                .ifPresent(context::saved);
        watch.stepped(workNanos, System.nanoTime() - startNanos, true);
        listener.started(method, init.report(), test);
        state = init.state();
        stopped = state.round() < rounds ? watch.judge().rule().after(journal.curve()) : Optional.empty();
    }

    /** One round: done, judged, written, told. */
    private void round() throws IOException {
        long startNanos = System.nanoTime();
        RoundEvent event = RoundEvent.start();
        Expense expense = Expense.begin();
        watch.spending().round(state.round());
        Method.RoundOutcome outcome = method.round(context, state);
        Expense.Spent spent = expense.end();
        long workNanos = System.nanoTime() - startNanos;
        RoundEvent.finish(event, outcome.report());
        Verdict verdict = judge(outcome);
        TestResult kept = verdict.kept();
        boolean best = watch.judge().best(journal.curve(), kept);
        stopped = diverged.isPresent() || state.round() == rounds ? Optional.empty()
                : watch.judge().rule().after(Judge.with(journal.curve(), kept));
        boolean last = state.round() == rounds || diverged.isPresent() || stopped.isPresent();
        RoundReport report = verdict.trouble().isPresent() ? outcome.report().undone(method.density(state), LayerCount.of(state.model()))
                : outcome.report();
        journal.finished(state, kept, report.maxDeviceFlops(),
                Metrics.round(report, kept, verdict.trouble().map(reason -> new Metrics.Setback(reason, verdict.test())),
                        watch.observed(context, spent, state, kept, ClassFigures.of(report), last)), goBacks, best || last)
                .ifPresent(context::saved);
        if (best) {
            // Behind the checkpoint: a round that is done again may come to another model, and nothing of the first may stay.
            watch.judge().keep(state);
        }
        watch.stepped(workNanos, System.nanoTime() - startNanos, verdict.due() || watch.devices().due(state, last));
        // Whoever is told of the round may end here.
        verdict.trouble().ifPresent(reason -> listener.warning("round " + report.number() + ": " + reason + wentBack(verdict.spoilt())));
        listener.round(report, kept, rounds);
    }

    /**
     * What a round's model is worth, and which model is kept.
     *
     * @param due whether the round is one whose model is evaluated
     * @param test of the round's own model; of no evaluation where none was due
     * @param trouble why that model is thrown away; empty where it is kept
     * @param kept of the model that is kept
     * @param spoilt whether that one is no good either
     */
    private record Verdict(boolean due, TestResult test, Optional<String> trouble, TestResult kept, boolean spoilt) {
    }

    /** Evaluates a round's model where that is due, and goes on with it or goes back to the one before: to its state, or for good. */
    private Verdict judge(Method.RoundOutcome outcome) {
        int number = outcome.report().number();
        boolean due = watch.judge().due(number, rounds);
        int classes = context.plan().network().classes();
        TestResult good = DivergenceRule.lastGood(journal.curve(), classes);
        TestResult test = due ? Judge.evaluated(() -> method.evaluate(context, outcome.state())) : TestResult.notEvaluated();
        Optional<String> trouble = DivergenceRule.trouble(outcome.report(), outcome.state(), test, good,
                context.plan().noise().isPresent());
        goBacks = trouble.isPresent() ? goBacks + 1 : 0;
        // Behind the last round there is none that could show that going back helped.
        if (trouble.isPresent() && (watch.rule().ends(goBacks) || number == rounds)) {
            diverged = Optional.of(new Divergence(number, trouble.get()));
        }
        state = trouble.isPresent() ? outcome.state().backTo(state) : outcome.state();
        TestResult kept = trouble.isEmpty() ? test : journal.curve().getLast();
        if ((due || diverged.isPresent()) && !kept.evaluated()) {
            // The run went back to a model that nobody has looked at yet.
            kept = Judge.evaluated(() -> method.evaluate(context, state));
        }
        judged = trouble.isPresent() ? judged : Optional.of(test).filter(TestResult::evaluated);
        return new Verdict(due, test, trouble, kept, DivergenceRule.trouble(kept, good, classes).isPresent());
    }

    /** What became of a round that was thrown away, for the end of a sentence. */
    private String wentBack(boolean spoilt) {
        String model = spoilt ? "the model of the round before, at which nobody had looked (evaluate-every) and which is spoilt, too"
                : diverged.isPresent() ? "the last good model" : "the model of the round before";
        return diverged.isPresent() ? "; the run has diverged and ends with " + model + "; use a smaller learning-rate"
                : "; went back to " + model;
    }
}

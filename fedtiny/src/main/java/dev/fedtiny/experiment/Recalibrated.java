package dev.fedtiny.experiment;

import dev.fedtiny.engine.measure.Energy;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.FinalRecalibration;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The step behind a run's last round, where it was asked for ({@link Setting#RECALIBRATE_LAST}). No checkpoint follows it: a run that is
 * interrupted in it does it again.
 *
 * @param model the last one with measured statistics; empty where nobody measured
 * @param test its score
 * @param costs of the step
 */
record Recalibrated(Optional<ModelState> model, Optional<TestResult> test, Costs costs) {
    private static final Recalibrated NOT = new Recalibrated(Optional.empty(), Optional.empty(), Costs.NONE);

    /** Does the step, writes its line of the metrics, and tells the listener. */
    static Recalibrated behind(MethodState last, Experiment experiment, FederationContext context, RunJournal journal,
            Runner.Listener listener) throws IOException {
        if (!experiment.get(Setting.RECALIBRATE_LAST)) {
            return NOT;
        }
        Energy energy = Energy.read();
        FinalRecalibration.Outcome outcome = FinalRecalibration.run(context, last);
        OptionalDouble joules = Energy.read().joulesSince(energy);
        Optional<TestResult> test = outcome.model().map(model -> Runner.evaluated(() -> context.evaluate(model)).score());
        journal.note(Metrics.recalibrated(outcome, test, context.takeMeasured(), joules));
        if (test.isPresent()) {
            listener.recalibrated(outcome, test.get());
        } else {
            listener.warning(Setting.RECALIBRATE_LAST.key() + ": no device measured the running statistics of the last model, so that "
                    + "there is no second accuracy; the first failure: "
                    + outcome.failures().stream().findFirst().map(DeviceFailure::reason).orElse("no device is present"));
        }
        return new Recalibrated(outcome.model(), test, outcome.costs());
    }

    void write(RunDirectory directory) throws IOException {
        if (model.isPresent()) {
            directory.recalibratedModel(model.get());
        }
    }
}

package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.measure.Energy;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.federation.DeviceClasses;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.FinalRecalibration;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The step behind a run's last round, where it was asked for ({@link Setting#RECALIBRATE_LAST}). No checkpoint follows it: a run that is
 * interrupted in it does it again.
 *
 * @param models the last one with measured statistics, as every class of devices holds it, densest first; empty where nobody measured
 * @param test its score
 * @param costs of the step
 */
record Recalibrated(List<ModelState> models, Optional<TestResult> test, Costs costs) {
    private static final Recalibrated NOT = new Recalibrated(List.of(), Optional.empty(), Costs.NONE);

    /** Does the step, writes its line of the metrics, and tells the listener. */
    static Recalibrated behind(MethodState last, Experiment experiment, FederationContext context, RunJournal journal,
            Runner.Listener listener) throws IOException {
        if (!experiment.get(Setting.RECALIBRATE_LAST)) {
            return NOT;
        }
        Energy energy = Energy.read();
        FinalRecalibration.Outcome outcome = FinalRecalibration.run(context, last);
        OptionalDouble joules = Energy.read().joulesSince(energy);
        Optional<TestResult> test = outcome.model().map(model -> Judge.evaluated(() -> context.evaluate(model)).score());
        journal.note(Metrics.recalibrated(outcome, test, context.takeMeasured(), joules, byClass(context, outcome, test)));
        if (test.isPresent()) {
            listener.recalibrated(outcome, test.get());
        } else {
            listener.warning(Setting.RECALIBRATE_LAST.key() + ": no device measured the running statistics of the last model, so that "
                    + "there is no second accuracy; the first failure: "
                    + outcome.failures().stream().findFirst().map(DeviceFailure::reason).orElse("no device is present"));
        }
        return new Recalibrated(outcome.models(), test, outcome.costs());
    }

    /** Scores of what every class of devices holds; empty without classes, or where nobody measured. */
    private static Optional<JsonValue> byClass(FederationContext context, FinalRecalibration.Outcome outcome, Optional<TestResult> whole) {
        List<DeviceClass> classes = context.plan().local().classes().all();
        if (classes.isEmpty() || whole.isEmpty()) {
            return Optional.empty();
        }
        List<JsonValue> scores = new ArrayList<>();
        for (int place = 0; place < classes.size(); place++) {
            ModelState model = outcome.models().get(place);
            TestResult test = place == 0 ? whole.get() : Judge.evaluated(() -> context.evaluate(model));
            scores.add(Metrics.finite(JsonObject.builder().put("name", classes.get(place).name()).put("accuracy", test.accuracy()),
                    "loss", test.loss()).build());
        }
        return Optional.of(new JsonValue.JsonArray(scores));
    }

    void write(RunDirectory directory, DeviceClasses classes) throws IOException {
        if (!models.isEmpty()) {
            directory.recalibratedModel(models.getFirst());
            directory.recalibratedPartModels(models, classes);
        }
    }
}

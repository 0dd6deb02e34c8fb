package dev.fedtiny.experiment;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.method.TrainingPlan;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs an experiment from pretraining to the last round, and writes its directory. */
public final class Runner {
    private Runner() {
    }

    /** Is told what happens, as it happens. */
    public interface Listener {
        /** Before round 0. */
        void started(Method method, InitReport report, TestResult test);

        /** Something a user should know, in one line. */
        default void note(String text) {
        }

        /** After a round. */
        void round(RoundReport report, TestResult test, int rounds);
    }

    /**
     * What a run came to.
     *
     * @param method its method
     * @param model the last model
     * @param curve test results, the start first and then every round
     * @param costs everything, pretraining and stage one included
     * @param dearestDeviceFlops FLOPs of the dearest round of one device
     * @param wallSeconds from start to end, evaluation included
     */
    public record Result(Method method, ModelState model, List<TestResult> curve, Costs costs, long dearestDeviceFlops, double wallSeconds) {
        /** The last test result. */
        public TestResult last() {
            return curve.getLast();
        }
    }

    /**
     * Runs an experiment.
     *
     * @param images as the experiment opened them
     * @param directory an empty run directory
     */
    public static Result run(Experiment experiment, TrainTest images, RunDirectory directory, Listener listener) throws IOException {
        long start = System.nanoTime();
        Method method = experiment.method();
        TrainingPlan plan = experiment.plan(images.train());
        FederatedData data = experiment.data(images);
        directory.manifest(manifest(experiment, images));
        List<TestResult> curve = new ArrayList<>();
        long dearest = 0;
        MethodState state;
        try (DeviceHosting hosting = DeviceHosting.open(experiment, plan, data, directory.path(), listener::note)) {
            FederationContext context = hosting.context();
            Method.InitOutcome init = method.init(context);
            state = init.state();
            curve.add(method.evaluate(context, state));
            directory.metric(Metrics.init(init.report(), curve.getLast()));
            listener.started(method, init.report(), curve.getLast());
            while (state.round() < plan.rounds()) {
                Method.RoundOutcome outcome = method.round(context, state);
                state = outcome.state();
                dearest = Math.max(dearest, outcome.report().dearestDeviceFlops());
                curve.add(method.evaluate(context, state));
                directory.metric(Metrics.round(outcome.report(), curve.getLast()));
                listener.round(outcome.report(), curve.getLast(), plan.rounds());
            }
            if (!hosting.figures().isEmpty()) {
                directory.metric(Metrics.devices(hosting.figures()));
                listener.note(hosting.summary());
            }
        }
        directory.model(state.model());
        return new Result(method, state.model(), List.copyOf(curve), state.costs(), dearest, (System.nanoTime() - start) / 1e9);
    }

    private static JsonObject manifest(Experiment experiment, TrainTest images) {
        JsonObject.Builder configuration = JsonObject.builder();
        for (Setting setting : Setting.values()) {
            configuration.put(setting.key(), experiment.text(setting));
        }
        JsonObject.Builder machine = JsonObject.builder();
        for (Map.Entry<String, String> fact : Machine.facts().entrySet()) {
            machine.put(fact.getKey(), fact.getValue());
        }
        return JsonObject.builder().put("started", Instant.now().toString()).put("configuration", configuration.build())
                .put("seed", experiment.seed())
                .put("data", JsonObject.builder().put("train", images.train().toString()).put("trainHash", images.train().contentHash())
                        .put("test", images.test().toString()).put("testHash", images.test().contentHash()).build())
                .put("machine", machine.build()).build();
    }
}

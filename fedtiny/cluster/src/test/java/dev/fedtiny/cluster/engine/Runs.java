package dev.fedtiny.cluster.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.cluster.Cluster;
import dev.fedtiny.cluster.DeviceData;
import dev.fedtiny.cluster.EngineFleet;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.experiment.SettingIndex;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.federation.RoundLog;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.SessionTerms;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Small runs: stage one, adjusting rounds, devices that hold something. */
final class Runs {
    private Runs() {
    }

    static Map<String, String> settings(String method) {
        Map<String, String> settings = new HashMap<>(Map.of("method", method, "model", "cnn-8-8-8", "max-images", "160", "max-test-images",
                "40", "devices", "4", "rounds", "3", "epochs", "1", "batch", "8", "pretrain-epochs", "1"));
        settings.putAll(Map.of("public-per-class", "1", "density", "0.3", "adjust-every", "1", "adjust-until", "2", "pool", "3", "threads",
                "1", "lotteryfl-threshold", "0", "baseline", "false"));
        return settings;
    }

    static Experiment experiment(Map<String, String> settings) {
        Map<SettingSpec<?>, String> given = new HashMap<>();
        settings.forEach((key, value) -> given.put(SettingIndex.of(key), value));
        return Experiment.of(given);
    }

    /** What is done at the end of the first round, which the next one follows at once. */
    static Heard afterTheFirstRound(Runnable action) {
        return new Heard() {
            @Override
            public void round(RoundReport report, TestResult test, int rounds) {
                super.round(report, test, rounds);
                if (report.number() == 1) {
                    action.run();
                }
            }
        };
    }

    /** What a run says. */
    static class Heard implements Runner.Listener {
        final List<String> notes = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void started(Method method, InitReport report, TestResult test) {
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
        }

        @Override
        public void note(String text) {
            notes.add(text);
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
            report.failures().forEach(failure -> notes.add(failure.reason()));
        }

        @Override
        public void warning(String sentence) {
            notes.add(sentence);
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
        }
    }

    /** The model file of a run. */
    static byte[] model(Map<String, String> settings, Path folder, Heard heard) throws IOException {
        Experiment experiment = experiment(settings);
        TrainTest images = experiment.open();
        Runner.run(experiment, images, RunDirectory.create(folder), heard);
        return Files.readAllBytes(folder.resolve("model.safetensors"));
    }

    /** The model of a run that has no directory, on an engine's nodes under rules of one's own. */
    static ModelState spread(Experiment experiment, Cluster cluster, Consumer<RoundReport> afterRound) {
        TrainTest images = experiment.open();
        TrainingPlan plan = experiment.plan(images.train());
        FederatedData data = experiment.data(images);
        EngineFleet fleet = new EngineFleet(cluster, terms(plan), new DeviceData.Sent(data.devices()));
        return rounds(experiment, FederationContext.over(plan, fleet, data, 1), afterRound);
    }

    /** The same where nodes hold the devices' images. */
    static ModelState spreadOverHolders(Experiment experiment, Cluster cluster, Consumer<RoundReport> afterRound) {
        TrainTest images = experiment.open();
        TrainingPlan plan = experiment.plan(images.train());
        FederatedData data = experiment.data(images);
        EngineFleet fleet = new EngineFleet(cluster, terms(plan), new DeviceData.Held(data.devices().size()));
        return rounds(experiment, FederationContext.over(plan, fleet, data.publicSet(), data.test(), 1, Platforms.SAME, RoundLog.NONE),
                afterRound);
    }

    private static SessionTerms terms(TrainingPlan plan) {
        return new SessionTerms(plan.network(), plan.deviceSettings(), Metering.OFF);
    }

    static void assertSame(ModelState expected, ModelState actual) {
        assertEquals(expected.masks(), actual.masks());
        for (int p = 0; p < expected.masks().size(); p++) {
            assertArrayEquals(expected.values(p), actual.values(p), "values of parameter " + p);
        }
    }

    /** The model of the same run in this process. */
    static ModelState inProcess(Experiment experiment) {
        TrainTest images = experiment.open();
        return rounds(experiment, FederationContext.inProcess(experiment.plan(images.train()), experiment.data(images), 1, 1), _ -> { });
    }

    private static ModelState rounds(Experiment experiment, FederationContext context, Consumer<RoundReport> afterRound) {
        try (context) {
            MethodState state = experiment.method().init(context).state();
            while (state.round() < context.plan().rounds()) {
                Method.RoundOutcome outcome = experiment.method().round(context, state);
                state = outcome.state();
                afterRound.accept(outcome.report());
            }
            return state.model();
        }
    }
}

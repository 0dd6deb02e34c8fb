package dev.fedtiny.cluster.engine;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
        settings.forEach((key, value) -> given.put(Setting.of(key), value));
        return Experiment.of(given);
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
}

package dev.fedtiny.benchmarks.heap;

import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.settings.SettingSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the minimum heap is looked for: one device of one federation.
 *
 * @param model the architecture's key
 * @param width channels of its first stage
 * @param method the method's key
 * @param density active share of the prunable weights
 * @param batch images of a step
 * @param line how the device speaks to its server
 * @param extra further settings of the experiment
 */
public record HeapCell(String model, String width, String method, String density, String batch, DeviceLine line,
        Map<SettingSpec<?>, String> extra) {
    /** Keeps its own copy. */
    public HeapCell {
        extra = Map.copyOf(extra);
    }

    /** Tells cells apart: equal for equal cells, in this process and in another. */
    public String key() {
        Map<String, String> settings = new TreeMap<>();
        extra.forEach((setting, value) -> settings.put(setting.key(), value));
        return String.join(" ", "floor", model, "width", width, method, "density", Double.toString(Double.parseDouble(density)),
                "batch", batch, settings.toString() + (line == DeviceLine.SOCKET ? "" : " " + line));
    }

    /** The experiment of one device: adjustments in every round but the first, all of nearly the largest size. */
    public Experiment experiment() {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        settings.putAll(Map.of(Setting.METHOD, method, Setting.MODEL, model, Setting.WIDTH, width, Setting.DENSITY, density, Setting.BATCH,
                batch, Setting.DEVICES, "1", Setting.EPOCHS, "1", FedTiny.SELECTION, "none", Setting.PRETRAIN_EPOCHS, "0"));
        settings.putAll(Map.of(Setting.AUGMENT, "crop-mirror", Setting.ROUNDS, "1000", AdjustmentSettings.EVERY, "1",
                AdjustmentSettings.UNTIL, "1000", Setting.LEARNING_RATE, "0.001", Setting.LEARNING_RATE_LAST, "0.001",
                        Setting.DATA, "none"));
        settings.putAll(extra);
        return Experiment.of(settings);
    }
}

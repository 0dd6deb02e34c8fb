package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.PartitionFile;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodProvider;
import dev.fedtiny.method.MethodSettings;
import dev.fedtiny.method.Methods;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.SettingSpec;
import dev.fedtiny.settings.SettingValues;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * The whole configuration of a run, an immutable value: every setting was read and checked once, when it was made, those that contradict
 * each other included. What depends on the data is checked when the data is there ({@link #plan}, {@link #data}).
 *
 * @param values of all settings
 */
public record Experiment(SettingValues values) {
    /**
     * Checks what no range of a single setting tells.
     *
     * @throws IllegalArgumentException naming the setting that is impossible beside others
     */
    public Experiment {
        MethodSettings forMethods = new ForMethods(values);
        // Of all methods, whichever it is.
        Methods.all().forEach(provider -> provider.check(forMethods));
        values.get(Setting.METHOD).create(forMethods);
        RunPlan.check(values);
    }

    /** Values as methods read them. */
    private record ForMethods(SettingValues values) implements MethodSettings {
        @Override
        public <T> T get(SettingSpec<T> setting) {
            return values.get(setting);
        }

        @Override
        public int rounds() {
            return values.get(Setting.ROUNDS);
        }

        @Override
        public int devices() {
            return values.get(Setting.DEVICES);
        }
    }

    /**
     * An experiment of some settings, the others at their defaults.
     *
     * @throws IllegalArgumentException naming the first setting that is impossible
     */
    public static Experiment of(Map<SettingSpec<?>, String> given) {
        boolean demo = given.getOrDefault(Setting.DATA, Setting.DATA.fallback(false)).equals(RunImages.DEMO);
        return new Experiment(new SettingValues(Setting.all(), given, demo));
    }

    /**
     * Reads {@code key = value} lines in UTF-8, and those of the files they include; the name {@code -} stands for standard input.
     *
     * @throws dev.fedtiny.data.DataException if a file does not exist
     * @throws IllegalArgumentException naming file and line of what is not understood, is given twice, or is the key of no setting
     */
    public static Map<SettingSpec<?>, String> read(Path file) throws IOException {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        for (Map.Entry<String, SettingsText.Entry> entry : SettingsFile.read(file).entrySet()) {
            String where = entry.getValue().where();
            if (Sweep.isSweepKey(entry.getKey())) {
                throw new IllegalArgumentException(where + ": '" + entry.getKey() + "' makes it a sweep: use "
                        + Program.command("sweep", file.toString(), "--out")
                        + " DIR");
            }
            settings.put(Setting.at(where, entry.getKey()), entry.getValue().value());
        }
        return settings;
    }

    /** The same experiment with other values for some settings. */
    public Experiment with(Map<SettingSpec<?>, String> changes) {
        Map<SettingSpec<?>, String> all = values.given();
        all.putAll(changes);
        return of(all);
    }

    /**
     * The same experiment with other values for settings that results do not depend on.
     *
     * @throws IllegalArgumentException if a setting changes the run, or the forms of weights their bits
     */
    public Experiment withFree(Map<SettingSpec<?>, String> changes) {
        changes.keySet().stream().filter(setting -> !setting.isChangeable()).findFirst().ifPresent(setting -> {
            throw new IllegalArgumentException("a run that was begun keeps its '" + setting.key() + "'; only "
                    + Setting.all().stream().filter(SettingSpec::isChangeable).map(SettingSpec::key).collect(Collectors.joining(", "))
                    + " may change");
        });
        Experiment changed = with(changes);
        if (!AlgorithmSetting.transformed(get(Setting.FORMATS)).equals(AlgorithmSetting.transformed(changed.get(Setting.FORMATS)))) {
            throw new IllegalArgumentException("a run that was begun with formats = '" + get(Setting.FORMATS) + "' cannot go on with '"
                    + changed.get(Setting.FORMATS) + "': the transform of auto and winograd rounds otherwise; all other forms may take "
                    + "each other's place");
        }
        return changed;
    }

    /** Dense training with the same settings, but for those that it has no use for. */
    public Experiment denseBaseline() {
        return with(Map.of(Setting.METHOD, Methods.BASELINE, Setting.DENSITY, "1", Setting.BASELINE, "false"));
    }

    /** What runs beside it to be compared with, where that is wanted and it is not the baseline itself. */
    public Optional<Experiment> baseline() {
        return get(Setting.BASELINE) && !method().name().equals(Methods.BASELINE) ? Optional.of(denseBaseline()) : Optional.empty();
    }

    /** The value of a setting, default or given. */
    public <T> T get(SettingSpec<T> setting) {
        return values.get(setting);
    }

    /** The same as text. */
    public String text(SettingSpec<?> setting) {
        return values.text(setting);
    }

    /** All settings, in a form that {@link #read} takes. */
    public String print() {
        StringBuilder text = new StringBuilder(SettingsText.FORMAT_LINE).append('\n');
        for (SettingSpec<?> setting : Setting.all()) {
            text.append("# ").append(setting.help()).append(setting.unit().isEmpty() ? "" : " [" + setting.unit() + "]");
            text.append(values.isGiven(setting) ? "" : " (default)").append('\n');
            text.append(SettingsText.line(setting.key(), values.text(setting)));
        }
        return text.toString();
    }

    /** The method. */
    public Method method() {
        return provider().create(new ForMethods(values));
    }

    /** Where the method comes from. */
    MethodProvider provider() {
        return get(Setting.METHOD);
    }

    /** Worker threads. */
    public int threads() {
        int threads = get(Setting.THREADS);
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /** Devices simulated at the same time. */
    public int slots() {
        int slots = get(Setting.SLOTS);
        return Math.min(get(Setting.DEVICES), slots == 0 ? threads() : slots);
    }

    /** The heap a device process may have, in MiB; empty: as much as the plan needs. */
    public OptionalInt deviceMemoryMiB() {
        return get(Setting.DEVICE_MEMORY).or(() -> get(Setting.DEVICE_PROFILE).map(DeviceProfile::memoryMiB)).stream()
                .mapToInt(Integer::intValue).findFirst();
    }

    /** What happens when a round spoils the model. */
    public DivergenceRule divergenceRule() {
        return new DivergenceRule(get(Setting.ON_DIVERGENCE), get(Setting.MAX_GO_BACKS));
    }

    /** In which form layers are computed; reads a table from its file. */
    public AlgorithmSetting formats() {
        return AlgorithmSetting.of(get(Setting.FORMATS));
    }

    /** Opens the images; those of the demo need no path. */
    public TrainTest open() {
        return new RunImages(values).open();
    }

    /** As many of some images as the settings allow. */
    TrainTest limited(TrainTest all) {
        return new RunImages(values).limited(all);
    }

    /** Public set, devices' images and test set. */
    public FederatedData data(TrainTest images) {
        return new RunImages(values).data(images, method());
    }

    /** The split that the settings draw, as a partition file keeps it. */
    public PartitionFile drawSplit(Dataset train) {
        return new RunImages(values).drawSplit(train, method());
    }

    /** The model file that the run begins with; empty: values drawn from the seed. */
    Optional<InitialModel> initialModel() {
        return get(Setting.INIT).map(file -> new InitialModel(Path.of(file)));
    }

    /** The network for some images. */
    public Network network(Dataset images) {
        return new RunPlan(values).network(images, method());
    }

    /** What all methods of a comparison have in common. */
    public TrainingPlan plan(Dataset images) {
        return new RunPlan(values).plan(images, method());
    }
}

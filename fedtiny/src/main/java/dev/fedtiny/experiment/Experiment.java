package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.PartitionFile;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodProvider;
import dev.fedtiny.method.MethodSettings;
import dev.fedtiny.method.Methods;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.privacy.GaussianMechanism;
import dev.fedtiny.settings.Refusals;
import dev.fedtiny.settings.SettingSpec;
import dev.fedtiny.settings.SettingValues;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
     * @throws IllegalArgumentException naming everything that is impossible beside other settings
     */
    public Experiment {
        SettingConflicts.refuse(values, new ForMethods(values));
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
     * @param given texts by setting
     * @return the experiment
     * @throws IllegalArgumentException naming the settings that are impossible
     */
    public static Experiment of(Map<SettingSpec<?>, String> given) {
        boolean demo = given.getOrDefault(Setting.DATA, Setting.DATA.fallback(false)).equals(Datasets.DEMO);
        return new Experiment(new SettingValues(SettingIndex.all(), given, demo));
    }

    /**
     * Reads {@code key = value} lines in UTF-8, and those of the files they include; the name {@code -} stands for standard input.
     *
     * @param file of settings
     * @return texts by setting, in the order of the file
     * @throws dev.fedtiny.data.DataException if a file does not exist
     * @throws IllegalArgumentException naming file and line of what is not understood, is given twice, or is the key of no setting
     * @throws IOException if a file cannot be read
     */
    public static Map<SettingSpec<?>, String> read(Path file) throws IOException {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        Refusals refusals = new Refusals();
        for (Map.Entry<String, SettingsText.Entry> entry : SettingsFile.read(file).entrySet()) {
            String where = entry.getValue().where();
            if (Sweep.isSweepKey(entry.getKey())) {
                throw new IllegalArgumentException(where + ": '" + entry.getKey() + "' makes it a sweep: use "
                        + Program.command("sweep", file.toString(), "--out")
                        + " DIR");
            }
            refusals.attempt(() -> SettingIndex.at(where, entry.getKey()))
                    .ifPresent(setting -> settings.put(setting, entry.getValue().value()));
        }
        refusals.refuse();
        return settings;
    }

    /**
     * The same experiment with other values for some settings.
     *
     * @param changes texts by setting
     * @return a new experiment, checked as a whole
     */
    public Experiment with(Map<SettingSpec<?>, String> changes) {
        Map<SettingSpec<?>, String> all = values.given();
        all.putAll(changes);
        return of(all);
    }

    /**
     * The same experiment with other values for settings that results do not depend on, and for its end ({@link RunExtension}).
     *
     * @param changes texts by setting
     * @return a new experiment
     * @throws IllegalArgumentException if a setting changes the run, or the forms of weights their bits
     */
    public Experiment withFree(Map<SettingSpec<?>, String> changes) {
        changes.keySet().stream().filter(setting -> !mayChange(setting)).findFirst().ifPresent(setting -> {
            throw new IllegalArgumentException("a run that was begun keeps its '" + setting.key() + "'; only "
                    + SettingIndex.all().stream().filter(Experiment::mayChange).map(SettingSpec::key).collect(Collectors.joining(", "))
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

    private static boolean mayChange(SettingSpec<?> setting) {
        return setting.isChangeable() || RunExtension.SETTINGS.contains(setting);
    }

    /** {@return dense training with the same settings, but for those that it has no use for} */
    public Experiment denseBaseline() {
        return with(Map.of(Setting.METHOD, Methods.BASELINE, Setting.DENSITY, "1", Setting.BASELINE, "false"));
    }

    /** {@return what runs beside it to be compared with, where that is wanted and it is not the baseline itself} */
    public Optional<Experiment> baseline() {
        return get(Setting.BASELINE) && !method().name().equals(Methods.BASELINE) ? Optional.of(denseBaseline()) : Optional.empty();
    }

    /**
     * The value of a setting, default or given.
     *
     * @param <T> its type
     * @param setting one of {@link SettingIndex#all}
     * @return its value
     */
    public <T> T get(SettingSpec<T> setting) {
        return values.get(setting);
    }

    /**
     * The same as text.
     *
     * @param setting one of {@link SettingIndex#all}
     * @return the text given, or the default's
     */
    public String text(SettingSpec<?> setting) {
        return values.text(setting);
    }

    /** {@return all settings in a form that {@link #read} takes: help, unit, and whether it is the default, in a comment above each} */
    public String print() {
        StringBuilder text = new StringBuilder(SettingsText.FORMAT_LINE).append('\n');
        for (SettingSpec<?> setting : SettingIndex.all()) {
            text.append("# ").append(setting.help()).append(setting.unit().isEmpty() ? "" : " [" + setting.unit() + "]");
            text.append(values.isGiven(setting) ? "" : " (default)").append('\n');
            text.append(SettingsText.line(setting.key(), values.text(setting)));
        }
        return text.toString();
    }

    /** {@return the method, made with these settings} */
    public Method method() {
        return provider().create(new ForMethods(values));
    }

    /** Where the method comes from. */
    MethodProvider provider() {
        return get(Setting.METHOD);
    }

    /** {@return how many worker threads there are; at least 1} */
    public int threads() {
        int threads = get(Setting.THREADS);
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /** {@return how many devices are simulated at the same time; at least 1} */
    public int slots() {
        int slots = get(Setting.SLOTS);
        return Math.min(get(Setting.DEVICES), slots == 0 ? threads() : slots);
    }

    /** {@return how many processes devices share where they are processes: at least 1, at most one a device} */
    public int deviceProcesses() {
        int processes = get(Setting.DEVICE_PROCESSES);
        return Math.min(get(Setting.DEVICES), processes == 0 ? slots() : processes);
    }

    /** {@return the heap a device process may have, in MiB; empty: as much as the plan needs} */
    public OptionalInt deviceMemoryMiB() {
        return get(Setting.DEVICE_MEMORY).or(() -> get(Setting.DEVICE_PROFILE).map(DeviceProfile::memoryMiB)).stream()
                .mapToInt(Integer::intValue).findFirst();
    }

    /** {@return over which rounds the run's accuracy is the mean} */
    public AccuracyWindow accuracyWindow() {
        return new AccuracyWindow(get(Setting.ACCURACY_ROUNDS));
    }

    /** {@return what happens when a round spoils the model} */
    public DivergenceRule divergenceRule() {
        return new DivergenceRule(get(Setting.ON_DIVERGENCE), get(Setting.MAX_GO_BACKS));
    }

    /** {@return when a run ends before its last round, and which model is its best} */
    public EndRule endRule() {
        return new EndRule(get(Setting.TARGET_ACCURACY), get(Setting.PATIENCE), judgedBy());
    }

    /** The images that the global model is evaluated on, in words. */
    private String judgedBy() {
        return get(Setting.VALIDATION_IMAGES) > 0 ? "validation images" : "test images";
    }

    /** {@return a sentence where something of a run is decided by the test images; empty otherwise} */
    Optional<String> decidedByTest() {
        String keys = Stream.of(Setting.TARGET_ACCURACY, Setting.PATIENCE, Setting.KEEP_BEST)
                .filter(setting -> !text(setting).equals(setting.fallback(false))).map(SettingSpec::key)
                .collect(Collectors.joining(", "));
        return keys.isEmpty() || get(Setting.VALIDATION_IMAGES) > 0 ? Optional.empty() : Optional.of(keys
                + (keys.contains(",") ? " decide" : " decides") + " by the test images, "
                + "so their accuracy promises too much of what is chosen; set validation-images, and judge the model by 'evaluate' "
                + "afterwards");
    }

    /** {@return clip and noise of differential privacy; empty: none} */
    public Optional<GaussianMechanism> noise() {
        return new RunPlan(values).noise();
    }

    /** {@return in which form layers are computed; reads a table from its file} */
    public AlgorithmSetting formats() {
        return AlgorithmSetting.of(get(Setting.FORMATS));
    }

    /** {@return the images, read into memory; those of the demo need no path} */
    public TrainTest open() {
        return new RunImages(values).open();
    }

    /** As many of some images as the settings allow. */
    TrainTest limited(TrainTest all) {
        return new RunImages(values).limited(all);
    }

    /**
     * Public set, devices' images and test set.
     *
     * @param images both parts, as {@link #open} gave them
     * @return positions and pixels of everybody
     */
    public FederatedData data(TrainTest images) {
        return new RunImages(values).data(images, method());
    }

    /**
     * The split that the settings draw, as a partition file keeps it.
     *
     * @param train all training images
     * @return what a partition file will hold
     */
    public PartitionFile drawSplit(Dataset train) {
        return new RunImages(values).drawSplit(train, method());
    }

    /** The split that the devices' images come from; empty where it is drawn. */
    Optional<Path> partitionFile() {
        return get(Setting.PARTITION_FILE).map(Path::of);
    }

    /** The model file that the run begins with; empty: values drawn from the seed. */
    Optional<InitialModel> initialModel() {
        return get(Setting.INIT).map(file -> new InitialModel(Path.of(file)));
    }

    /**
     * The network for some images.
     *
     * @param images any part of the data set
     * @return the network, its last layer with one output a class
     */
    public Network network(Dataset images) {
        return new RunPlan(values).network(images, method());
    }

    /**
     * What all methods of a comparison have in common.
     *
     * @param images the training images
     * @return the plan
     */
    public TrainingPlan plan(Dataset images) {
        return new RunPlan(values).plan(images, method());
    }
}

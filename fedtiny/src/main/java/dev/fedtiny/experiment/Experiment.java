package dev.fedtiny.experiment;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.Cifar100Labels;
import dev.fedtiny.data.DataSplit;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DatasetKind;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.PartitionFile;
import dev.fedtiny.data.Partitions;
import dev.fedtiny.data.PublicSet;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.model.Parameter;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.SelectionVote;
import dev.fedtiny.method.DeviceRate;
import dev.fedtiny.method.FedAvg;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodProvider;
import dev.fedtiny.method.Methods;
import dev.fedtiny.method.PretrainingPlan;
import dev.fedtiny.method.Reliability;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.pruning.LayerCounts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The whole configuration of a run: an immutable value in which every number has been checked. What depends on the data is checked when
 * the data is there ({@link #plan}, {@link #data}).
 */
public final class Experiment {
    private enum PartitionName {
        DIRICHLET, IID
    }

    private enum ScheduleName {
        EXPONENTIAL, COSINE, CONSTANT
    }

    private enum OptimizerName {
        SGD, ADAM
    }

    private enum AggregationName {
        MEAN, TRIMMED_MEAN, MEDIAN
    }

    private enum AugmentName {
        AUTO, NONE, CROP, CROP_MIRROR
    }

    /** Rounds, epochs, devices and whatever else takes its time or memory one by one. */
    static final int MOST_TIMES = 1_000_000;
    private static final int MOST_WIDTH = 1024;
    private static final int MOST_CLASSES = 100_000;
    private static final int MOST_THREADS = 1024;

    private final Values values;
    private final Map<Setting, String> given;

    private Experiment(Map<Setting, String> given) {
        this.given = new TreeMap<>();
        this.given.putAll(given);
        this.values = new Values(given);
        validate();
    }

    /**
     * An experiment of some settings, the others at their defaults.
     *
     * @throws IllegalArgumentException naming the first setting that is impossible
     */
    public static Experiment of(Map<Setting, String> given) {
        return new Experiment(given);
    }

    /**
     * Reads {@code key = value} lines in UTF-8, and those of the files they include; the name {@code -} stands for standard input.
     *
     * @throws dev.fedtiny.data.DataException if a file does not exist
     * @throws IllegalArgumentException naming file and line of what is not understood, is given twice, or is the key of no setting
     */
    public static Map<Setting, String> read(Path file) throws IOException {
        Map<Setting, String> settings = new TreeMap<>();
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
    public Experiment with(Map<Setting, String> changes) {
        Map<Setting, String> all = new TreeMap<>(given);
        all.putAll(changes);
        return new Experiment(all);
    }

    /**
     * The same experiment with other values for settings that results do not depend on.
     *
     * @throws IllegalArgumentException if a setting changes the run, or the forms of weights their bits
     */
    public Experiment withFree(Map<Setting, String> changes) {
        changes.keySet().stream().filter(setting -> !Manifest.FREE.contains(setting)).findFirst().ifPresent(setting -> {
            throw new IllegalArgumentException("a run that was begun keeps its '" + setting.key() + "'; only "
                    + Manifest.FREE.stream().sorted().map(Setting::key).collect(Collectors.joining(", ")) + " may change");
        });
        Experiment changed = with(changes);
        if (!AlgorithmSetting.transformed(text(Setting.FORMATS)).equals(AlgorithmSetting.transformed(changed.text(Setting.FORMATS)))) {
            throw new IllegalArgumentException("a run that was begun with formats = '" + text(Setting.FORMATS) + "' cannot go on with '"
                    + changed.text(Setting.FORMATS) + "': the transform of auto and winograd rounds otherwise; all other forms may take "
                    + "each other's place");
        }
        return changed;
    }

    /** The value of a setting as text, default or given. */
    public String text(Setting setting) {
        return values.text(setting);
    }

    /** All settings, in a form that {@link #read} takes. */
    public String print() {
        StringBuilder text = new StringBuilder(SettingsText.FORMAT_LINE).append('\n');
        for (Setting setting : Setting.values()) {
            text.append("# ").append(setting.help()).append(setting.unit().isEmpty() ? "" : " [" + setting.unit() + "]");
            text.append(given.containsKey(setting) ? "" : " (default)").append('\n');
            text.append(SettingsText.line(setting.key(), values.text(setting)));
        }
        return text.toString();
    }

    private void validate() {
        rounds();
        // Of all methods, whichever it is.
        Methods.settings().forEach(values::get);
        Methods.all().forEach(provider -> provider.check(values));
        method();
        Architecture.ofKey(values.text(Setting.MODEL));
        width();
        if (!values.text(Setting.CLASSES).equals("auto")) {
            values.integer(Setting.CLASSES, 2, MOST_CLASSES);
        }
        kind();
        values.integer(Setting.MAX_IMAGES, 0);
        values.integer(Setting.MAX_TEST_IMAGES, 0);
        values.integer(Setting.VALIDATION_IMAGES, 0);
        values.integer(Setting.DEVICES, 1, MOST_TIMES);
        values.choice(Setting.PARTITION, PartitionName.class);
        values.number(Setting.ALPHA, 0, Double.MAX_VALUE, false);
        values.integer(Setting.SMALLEST_SHARE, 1);
        values.choice(Setting.LABELS, Cifar100Labels.class);
        values.integer(Setting.SAMPLE, 0);
        if (values.integer(Setting.SAMPLE, 0) > devices()) {
            throw values.wrong(Setting.SAMPLE, "at most devices = " + devices());
        }
        publicPerClass();
        values.choice(Setting.AUGMENT, AugmentName.class);
        values.integer(Setting.CUTOUT, 0);
        values.bool(Setting.ZERO_GAMMA);
        values.bool(Setting.LAST_LINEAR_PRUNABLE);
        values.bool(Setting.BASELINE);
        reliability();
        robustness();
        divergenceRule();
        values.integer(Setting.CHECKPOINT_EVERY, 1);
        values.whole(Setting.SEED);
        metering();
        values.integer(Setting.THREADS, 0, MOST_THREADS);
        values.integer(Setting.SLOTS, 0);
        activations();
        devicesIn();
        deviceMemoryMiB();
        deviceTimeout();
        deviceProfile();
        optimizer();
        schedule();
        values.integer(Setting.EPOCHS, 1, MOST_TIMES);
        values.integer(Setting.BATCH, 1);
        pretraining();
    }

    /** The method. */
    public Method method() {
        return provider().create(values);
    }

    /** Where the method comes from. */
    MethodProvider provider() {
        return Methods.find(values.text(Setting.METHOD)).orElseThrow(() -> values.wrong(Setting.METHOD, "one of " + Methods.names()));
    }

    /** R. */
    public int rounds() {
        return values.rounds();
    }

    private int width() {
        return values.integer(Setting.WIDTH, 1, MOST_WIDTH);
    }

    private int publicPerClass() {
        return values.integer(Setting.PUBLIC_PER_CLASS, 1, MOST_TIMES);
    }

    /** K. */
    public int devices() {
        return values.devices();
    }

    /** The one seed. */
    public long seed() {
        return values.whole(Setting.SEED);
    }

    /** Whether devices' work is measured. */
    public Metering metering() {
        return values.choice(Setting.METER, Metering.class);
    }

    /** Worker threads. */
    public int threads() {
        int threads = values.integer(Setting.THREADS, 0, MOST_THREADS);
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /** Devices simulated at the same time. */
    public int slots() {
        int slots = values.integer(Setting.SLOTS, 0);
        return Math.min(devices(), slots == 0 ? threads() : slots);
    }

    /** B. */
    public int batch() {
        return values.integer(Setting.BATCH, 1);
    }

    /** Where devices work. */
    public DevicesIn devicesIn() {
        return values.choice(Setting.DEVICES_IN, DevicesIn.class);
    }

    /** The heap a device process may have, in MiB; empty: as much as the plan needs. */
    public OptionalInt deviceMemoryMiB() {
        if (values.text(Setting.DEVICE_MEMORY).equals("auto")) {
            return deviceProfile().map(profile -> OptionalInt.of(profile.memoryMiB())).orElse(OptionalInt.empty());
        }
        return OptionalInt.of(values.mebibytes(Setting.DEVICE_MEMORY));
    }

    /** The slower device to simulate the time of. */
    public Optional<DeviceProfile> deviceProfile() {
        String text = values.text(Setting.DEVICE_PROFILE);
        return text.equals("none") ? Optional.empty() : Optional.of(DeviceProfile.parse(text));
    }

    /** Wall time a device process has for an answer. */
    public Duration deviceTimeout() {
        return Duration.ofSeconds(values.integer(Setting.DEVICE_TIMEOUT, 1));
    }

    private Optimizer optimizer() {
        double momentum = values.number(Setting.MOMENTUM, 0, Math.nextDown(1.0), true);
        double decay = values.number(Setting.WEIGHT_DECAY, 0, Double.MAX_VALUE, true);
        return switch (values.choice(Setting.OPTIMIZER, OptimizerName.class)) {
            case SGD -> new Sgd(momentum, decay);
            case ADAM -> Adam.amsgrad(decay);
        };
    }

    private LearningRateSchedule schedule() {
        double first = values.number(Setting.LEARNING_RATE, 0, Double.MAX_VALUE, false);
        double last = values.number(Setting.LEARNING_RATE_LAST, 0, Double.MAX_VALUE, false);
        return switch (values.choice(Setting.SCHEDULE, ScheduleName.class)) {
            case EXPONENTIAL -> new LearningRateSchedule.Exponential(first, last);
            case COSINE -> new LearningRateSchedule.Cosine(first, last);
            case CONSTANT -> new LearningRateSchedule.Constant(first);
        };
    }

    private Reliability reliability() {
        double deadline = values.number(Setting.DEADLINE, 0, Double.MAX_VALUE, true);
        DeviceRate speed = values.rate(Setting.DEVICE_SPEED, devices());
        DeviceRate bandwidth = values.rate(Setting.DEVICE_BANDWIDTH, devices());
        if (deadline > 0 && speed instanceof DeviceRate.Unlimited && bandwidth instanceof DeviceRate.Unlimited) {
            throw values.wrong(Setting.DEADLINE, "0 as long as device-speed and device-bandwidth are 0: without them no time passes");
        }
        int asked = values.integer(Setting.SAMPLE, 0) == 0 ? devices() : values.integer(Setting.SAMPLE, 0);
        int reporters = values.integer(Setting.MIN_REPORTERS, 1);
        if (reporters > asked) {
            throw values.wrong(Setting.MIN_REPORTERS, "at most " + asked + ", the devices asked in a round");
        }
        return new Reliability(values.number(Setting.DROPOUT, 0, Math.nextDown(1.0), true),
                deadline == 0 ? Double.POSITIVE_INFINITY : deadline, speed, bandwidth, reporters,
                values.choice(Setting.ON_TOO_FEW, Reliability.TooFew.class), values.integer(Setting.MAX_REPEATS, 0, MOST_TIMES));
    }

    /** Dense FedAvg with the same settings, but for those that it has no use for. */
    public Experiment denseBaseline() {
        return with(Map.of(Setting.METHOD, FedAvg.NAME, Setting.DENSITY, "1", Setting.BASELINE, "false"));
    }

    /** Bounds on what devices answer, and how it is put together. */
    private Robustness robustness() {
        double share = values.number(Setting.TRIM_SHARE, 0, Math.nextDown(0.5), false);
        Aggregation aggregation = switch (values.choice(Setting.AGGREGATION, AggregationName.class)) {
            case MEAN -> new Aggregation.Mean();
            case TRIMMED_MEAN -> new Aggregation.TrimmedMean(share);
            case MEDIAN -> new Aggregation.Median();
        };
        double bound = values.number(Setting.UPDATE_BOUND, 0, Double.MAX_VALUE, true);
        if (bound > 0 && bound <= 1) {
            throw values.wrong(Setting.UPDATE_BOUND, "0, or a number above 1");
        }
        return new Robustness(aggregation, bound == 0 ? Double.POSITIVE_INFINITY : bound,
                values.choice(Setting.SELECTION_VOTE, SelectionVote.class), Robustness.USUAL_MAXIMUM_SAMPLES);
    }

    /** What happens when a round spoils the model. */
    public DivergenceRule divergenceRule() {
        return new DivergenceRule(values.choice(Setting.ON_DIVERGENCE, DivergenceRule.Reaction.class),
                values.integer(Setting.MAX_GO_BACKS, 1));
    }

    /** Whether dense FedAvg is to run beside the method. */
    public boolean baseline() {
        return values.bool(Setting.BASELINE);
    }

    /** Rounds between checkpoints. */
    public int checkpointEvery() {
        return values.integer(Setting.CHECKPOINT_EVERY, 1);
    }

    private PretrainingPlan pretraining() {
        return new PretrainingPlan(values.integer(Setting.PRETRAIN_EPOCHS, 0, MOST_TIMES), values.integer(Setting.PRETRAIN_BATCH, 1),
                values.number(Setting.PRETRAIN_LEARNING_RATE, 0, Double.MAX_VALUE, false));
    }

    /** Opens the images; those of the demo need no path. */
    public TrainTest open() {
        String path = values.text(Setting.DATA);
        return limited(path.equals("demo") ? Datasets.demo(kind())
                : Datasets.open(Path.of(path), values.choice(Setting.LABELS, Cifar100Labels.class), kind()));
    }

    /** What the images are taken for; empty: what their files say. */
    private Optional<DatasetKind> kind() {
        String key = values.text(Setting.DATASET);
        if (key.equals("auto")) {
            return Optional.empty();
        }
        if (Arrays.stream(DatasetKind.values()).noneMatch(kind -> kind.key().equals(key))) {
            throw values.wrong(Setting.DATASET, "auto or one of " + DatasetKind.keys());
        }
        return Optional.of(DatasetKind.ofKey(key));
    }

    /** As many of some images as the settings allow. */
    TrainTest limited(TrainTest all) {
        TrainTest limited = new TrainTest(limited(all.train(), values.integer(Setting.MAX_IMAGES, 0), "train-subset"),
                limited(all.test(), values.integer(Setting.MAX_TEST_IMAGES, 0), "test-subset"), all.notes());
        return validated(limited, values.integer(Setting.VALIDATION_IMAGES, 0));
    }

    private TrainTest validated(TrainTest images, int count) {
        if (count == 0) {
            return images;
        }
        int all = images.train().count();
        if (count >= all) {
            throw values.wrong(Setting.VALIDATION_IMAGES, "fewer than the " + all + " training images");
        }
        int[] order = new int[all];
        Arrays.setAll(order, i -> i);
        RandomStream.of(seed(), "validation").shuffle(order);
        Arrays.sort(order, 0, count);
        Arrays.sort(order, count, all);
        return new TrainTest(images.train().subset(Arrays.copyOfRange(order, count, all)),
                images.train().subset(Arrays.copyOf(order, count)), images.notes());
    }

    private Dataset limited(Dataset dataset, int most, String purpose) {
        if (most == 0 || most >= dataset.count()) {
            return dataset;
        }
        int[] order = new int[dataset.count()];
        Arrays.setAll(order, i -> i);
        RandomStream.of(seed(), purpose).shuffle(order);
        int[] chosen = Arrays.copyOf(order, most);
        Arrays.sort(chosen);
        return dataset.subset(chosen);
    }

    /** Public set, devices' images and test set. */
    public FederatedData data(TrainTest images) {
        if (devices() > images.train().count()) {
            throw new IllegalArgumentException("devices = " + devices() + ", but there are only " + images.train().count()
                    + " training images; use fewer devices");
        }
        FederatedData data = FederatedData.of(images, split(images.train()));
        method().checkPublicSet(data.publicSet());
        return data;
    }

    private DataSplit split(Dataset train) {
        String file = values.text(Setting.PARTITION_FILE);
        if (file.equals("none")) {
            return drawSplit(train).split();
        }
        DataSplit split = PartitionFile.read(Path.of(file)).splitOf(train, file);
        int publicImages = PublicSet.size(train, publicPerClass());
        if (split.devices().devices() != devices() || split.publicSet().length != publicImages) {
            throw new IllegalArgumentException(file + " has " + split.devices().devices() + " devices and " + split.publicSet().length
                    + " public images, the experiment " + devices() + " and " + publicImages
                    + "; set devices and public-per-class as it has them");
        }
        return split;
    }

    /** The split that the settings draw, as a partition file keeps it. */
    public PartitionFile drawSplit(Dataset train) {
        PartitionName algorithm = values.choice(Setting.PARTITION, PartitionName.class);
        double alpha = values.number(Setting.ALPHA, 0, Double.MAX_VALUE, false);
        int smallestShare = values.integer(Setting.SMALLEST_SHARE, 1);
        boolean needed = method().needsPublicSet() || pretraining().epochs() > 0;
        DataSplit split = DataSplit.draw(train, publicPerClass(), needed, seed(), rest -> switch (algorithm) {
            case DIRICHLET -> Partitions.dirichlet(rest, devices(), alpha, smallestShare, seed());
            case IID -> Partitions.iid(rest.count(), devices(), seed());
        });
        return algorithm == PartitionName.IID
                ? PartitionFile.of(values.text(Setting.PARTITION), OptionalDouble.empty(), seed(), train, split)
                : PartitionFile.ofDirichlet(alpha, smallestShare, seed(), train, split);
    }

    /** The network for some images. */
    public Network network(Dataset images) {
        int classes = values.text(Setting.CLASSES).equals("auto") ? images.classes() : values.integer(Setting.CLASSES, 2, MOST_CLASSES);
        if (classes < images.classes()) {
            throw values.wrong(Setting.CLASSES, "at least " + images.classes() + ", as many as the data has");
        }
        Network network = new NetworkSpec(Architecture.ofKey(values.text(Setting.MODEL)),
                new Shape(images.channels(), images.height(), images.width()), width(), classes).build();
        if (!values.bool(Setting.LAST_LINEAR_PRUNABLE)) {
            List<Parameter> parameters = network.parameters();
            for (int p = parameters.size() - 1; p >= 0; p--) {
                if (parameters.get(p).kind() == Parameter.Kind.LINEAR_WEIGHT) {
                    network = network.withoutPruning(parameters.get(p).name());
                    break;
                }
            }
        }
        // Before any work is done: a density that leaves a layer without a weight.
        LayerCounts.budget(LayerCounts.sizes(network), method().promise().density());
        return network;
    }

    /** How local training keeps maps for the backward pass. */
    public ActivationStorage activations() {
        return values.choice(Setting.ACTIVATIONS, ActivationStorage.class);
    }

    /** In which form layers are computed; reads a table from its file. */
    public AlgorithmSetting formats() {
        return AlgorithmSetting.of(values.text(Setting.FORMATS));
    }

    /** What all methods of a comparison have in common. */
    public TrainingPlan plan(Dataset images) {
        int sample = values.integer(Setting.SAMPLE, 0);
        Augmentation augmentation = switch (values.choice(Setting.AUGMENT, AugmentName.class)) {
            case AUTO -> images.kind().augmentation();
            case NONE -> Augmentation.NONE;
            case CROP -> Augmentation.CROP;
            case CROP_MIRROR -> Augmentation.CROP_AND_MIRROR;
        };
        int cutout = values.integer(Setting.CUTOUT, 0);
        Network network = network(images);
        SessionOptions sessions = SessionOptions.DEFAULT.withAlgorithms(formats().check(network).choice()).withActivations(activations());
        return new TrainingPlan(network, seed(), values.bool(Setting.ZERO_GAMMA), rounds(), sample == 0 ? devices() : sample,
                values.integer(Setting.EPOCHS, 1, MOST_TIMES), values.integer(Setting.BATCH, 1), optimizer(), schedule(),
                cutout > 0 ? augmentation.withCutout(cutout) : augmentation, pretraining(), reliability(), sessions,
                robustness());
    }
}

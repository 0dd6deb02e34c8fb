package dev.fedtiny.experiment;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DatasetKind;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.Partitions;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.nn.Architecture;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.nn.NetworkSpec;
import dev.fedtiny.engine.nn.Parameter;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.federation.Metering;
import dev.fedtiny.method.FedAvg;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.PretrainingPlan;
import dev.fedtiny.method.Selection;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.CandidatePool;
import dev.fedtiny.pruning.Granularity;
import dev.fedtiny.pruning.Order;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The whole configuration of a run: an immutable value in which every number has been checked. What depends on the data is checked when
 * the data is there ({@link #plan}, {@link #data}).
 */
public final class Experiment {
    private enum MethodName {
        FEDTINY, FEDAVG
    }

    private enum PartitionName {
        DIRICHLET, IID
    }

    private enum ScheduleName {
        EXPONENTIAL, COSINE, CONSTANT
    }

    private enum OptimizerName {
        SGD, ADAM
    }

    private enum AugmentName {
        AUTO, NONE, CROP, CROP_MIRROR
    }

    private final Values values;
    private final Map<Setting, String> given;

    private Experiment(Map<Setting, String> given) {
        this.given = new EnumMap<>(Setting.class);
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

    /** Reads {@code key = value} lines (a properties file). */
    public static Map<Setting, String> read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new DataException("experiment file '" + file + "' does not exist");
        }
        return parse(Files.readString(file));
    }

    static Map<Setting, String> parse(String text) throws IOException {
        Properties properties = new Properties() {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Object put(Object key, Object value) {
                if (containsKey(key)) {
                    throw new IllegalArgumentException("the setting '" + key + "' is given twice");
                }
                return super.put(key, value);
            }
        };
        try (Reader reader = new StringReader(text)) {
            properties.load(reader);
        }
        Map<Setting, String> settings = new EnumMap<>(Setting.class);
        properties.stringPropertyNames().forEach(key -> settings.put(Setting.of(key), properties.getProperty(key)));
        return settings;
    }

    /** The same experiment with other values for some settings. */
    public Experiment with(Map<Setting, String> changes) {
        Map<Setting, String> all = new EnumMap<>(given.isEmpty() ? new EnumMap<>(Setting.class) : given);
        all.putAll(changes);
        return new Experiment(all);
    }

    /** The value of a setting as text, default or given. */
    public String text(Setting setting) {
        return values.text(setting);
    }

    /** All settings, in a form that {@link #read} takes. */
    public String print() {
        StringBuilder text = new StringBuilder();
        for (Setting setting : Setting.values()) {
            text.append("# ").append(setting.help()).append(setting.unit().isEmpty() ? "" : " [" + setting.unit() + "]");
            text.append(given.containsKey(setting) ? "" : " (default)").append('\n');
            text.append(setting.key()).append(" = ").append(values.text(setting).replace("\\", "\\\\")).append('\n');
        }
        return text.toString();
    }

    private void validate() {
        method();
        Architecture.ofKey(values.text(Setting.MODEL));
        values.integer(Setting.WIDTH, 1);
        if (!values.text(Setting.CLASSES).equals("auto")) {
            values.integer(Setting.CLASSES, 2);
        }
        values.integer(Setting.MAX_IMAGES, 0);
        values.integer(Setting.MAX_TEST_IMAGES, 0);
        values.integer(Setting.DEVICES, 1);
        values.choice(Setting.PARTITION, PartitionName.class);
        values.number(Setting.ALPHA, 0, Double.MAX_VALUE, false);
        values.integer(Setting.SAMPLE, 0);
        if (values.integer(Setting.SAMPLE, 0) > devices()) {
            throw values.wrong(Setting.SAMPLE, "at most devices = " + devices());
        }
        values.integer(Setting.PUBLIC_PER_CLASS, 1);
        values.choice(Setting.AUGMENT, AugmentName.class);
        values.integer(Setting.CUTOUT, 0);
        values.bool(Setting.ZERO_GAMMA);
        values.bool(Setting.LAST_LINEAR_PRUNABLE);
        values.whole(Setting.SEED);
        metering();
        values.integer(Setting.THREADS, 0);
        values.integer(Setting.SLOTS, 0);
        optimizer();
        schedule();
        values.integer(Setting.EPOCHS, 1);
        values.integer(Setting.BATCH, 1);
        pretraining();
    }

    /** The method. */
    public Method method() {
        double density = values.number(Setting.DENSITY, 0, 1, false);
        Selection selection = values.choice(Setting.SELECTION, Selection.class);
        int pool = values.integer(Setting.POOL, 0);
        Optional<AdjustmentSchedule> adjustments = adjustments();
        return switch (values.choice(Setting.METHOD, MethodName.class)) {
            case FEDTINY -> new FedTiny(density, pool == 0 ? CandidatePool.defaultSize(density) : pool, selection, adjustments);
            case FEDAVG -> new FedAvg();
        };
    }

    private Optional<AdjustmentSchedule> adjustments() {
        int rounds = rounds();
        int every = values.integer(Setting.ADJUST_EVERY, 0);
        int until = values.integer(Setting.ADJUST_UNTIL, 0);
        int interval = every == 0 ? AdjustmentSchedule.usualInterval(rounds) : every;
        int end = until == 0 ? AdjustmentSchedule.usualUntil(rounds, interval) : until;
        Granularity granularity = values.choice(Setting.GRANULARITY, Granularity.class);
        Order order = values.choice(Setting.ORDER, Order.class);
        if (end <= interval) {
            throw new IllegalArgumentException("adjust-until = " + end + " is not after adjust-every = " + interval
                    + ": no round would adjust; use a larger adjust-until, or progressive = false");
        }
        return values.bool(Setting.PROGRESSIVE) ? Optional.of(new AdjustmentSchedule(interval, end, granularity, order)) : Optional.empty();
    }

    /** R. */
    public int rounds() {
        return values.integer(Setting.ROUNDS, 1);
    }

    /** K. */
    public int devices() {
        return values.integer(Setting.DEVICES, 1);
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
        int threads = values.integer(Setting.THREADS, 0);
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /** Devices simulated at the same time. */
    public int slots() {
        int slots = values.integer(Setting.SLOTS, 0);
        return Math.min(devices(), slots == 0 ? threads() : slots);
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

    private PretrainingPlan pretraining() {
        return new PretrainingPlan(values.integer(Setting.PRETRAIN_EPOCHS, 0), values.integer(Setting.PRETRAIN_BATCH, 1),
                values.number(Setting.PRETRAIN_LEARNING_RATE, 0, Double.MAX_VALUE, false));
    }

    /** Opens the images; those of the demo need no path. */
    public TrainTest open() {
        String path = values.text(Setting.DATA);
        TrainTest all = path.equals("demo") ? Datasets.demo() : Datasets.open(Path.of(path));
        return new TrainTest(limited(all.train(), values.integer(Setting.MAX_IMAGES, 0), "train-subset"),
                limited(all.test(), values.integer(Setting.MAX_TEST_IMAGES, 0), "test-subset"));
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
        return FederatedData.split(images, values.integer(Setting.PUBLIC_PER_CLASS, 1), seed(),
                rest -> switch (values.choice(Setting.PARTITION, PartitionName.class)) {
                    case DIRICHLET -> Partitions.dirichlet(rest, devices(), values.number(Setting.ALPHA, 0, Double.MAX_VALUE, false), seed());
                    case IID -> Partitions.iid(rest.count(), devices(), seed());
                });
    }

    /** The network for some images. */
    public Network network(Dataset images) {
        int classes = values.text(Setting.CLASSES).equals("auto") ? images.classes() : values.integer(Setting.CLASSES, 2);
        if (classes < images.classes()) {
            throw values.wrong(Setting.CLASSES, "at least " + images.classes() + ", as many as the data has");
        }
        Network network = new NetworkSpec(Architecture.ofKey(values.text(Setting.MODEL)),
                new Shape(images.channels(), images.height(), images.width()), values.integer(Setting.WIDTH, 1), classes).build();
        if (!values.bool(Setting.LAST_LINEAR_PRUNABLE)) {
            List<Parameter> parameters = network.parameters();
            for (int p = parameters.size() - 1; p >= 0; p--) {
                if (parameters.get(p).kind() == Parameter.Kind.LINEAR_WEIGHT) {
                    network = network.withoutPruning(parameters.get(p).name());
                    break;
                }
            }
        }
        checkDensity(network);
        return network;
    }

    private void checkDensity(Network network) {
        if (method() instanceof FedTiny fedTiny) {
            long weights = network.prunable().stream().mapToLong(p -> network.parameters().get(p).size()).sum();
            int layers = network.prunable().size();
            if (StrictMath.floor(fedTiny.density() * weights) < layers) {
                throw new IllegalArgumentException("density = " + fedTiny.density() + " leaves fewer than one weight for each of the " + layers
                        + " prunable layers; the smallest possible density here is " + Math.nextUp((double) layers / weights));
            }
        }
    }

    /** What all methods of a comparison have in common. */
    public TrainingPlan plan(Dataset images) {
        int sample = values.integer(Setting.SAMPLE, 0);
        Augmentation augmentation = switch (values.choice(Setting.AUGMENT, AugmentName.class)) {
            case AUTO -> images.kind() == DatasetKind.CUSTOM ? Augmentation.NONE : images.kind().augmentation();
            case NONE -> Augmentation.NONE;
            case CROP -> Augmentation.CROP;
            case CROP_MIRROR -> Augmentation.CROP_AND_MIRROR;
        };
        int cutout = values.integer(Setting.CUTOUT, 0);
        return new TrainingPlan(network(images), seed(), values.bool(Setting.ZERO_GAMMA), rounds(), sample == 0 ? devices() : sample,
                values.integer(Setting.EPOCHS, 1), values.integer(Setting.BATCH, 1), optimizer(), schedule(),
                cutout > 0 ? augmentation.withCutout(cutout) : augmentation, pretraining());
    }
}

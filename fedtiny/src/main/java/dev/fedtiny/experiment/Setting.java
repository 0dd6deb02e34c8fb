package dev.fedtiny.experiment;

import dev.fedtiny.method.MethodProvider;
import dev.fedtiny.method.MethodSettings;
import dev.fedtiny.method.Methods;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Every key of an experiment, the same in a file and after {@code --set}: those that stand here, and those that the methods found declare.
 * The demo has some defaults of its own.
 */
public final class Setting implements Comparable<Setting> {
    /** Room between two settings that stand here, for those of methods. */
    private static final int RANKS = 1 << 16;
    private static final List<Setting> HERE = new ArrayList<>();

    /** Which method. */
    public static final Setting METHOD = here("method", "fedtiny", null, "", "");
    /** Which architecture. */
    public static final Setting MODEL = here("model", "resnet18", null, "",
            "resnet18, vgg11, vgg11-imagenet, vgg11-single, cnn-32-64-32, cnn-8-16-32, cnn-8-16-16, cnn-8-8-8");
    /** Width. */
    public static final Setting WIDTH = here("width", "64", "8", "channels", "channels of the first stage of resnet18 and vgg11");
    /** Classes. */
    public static final Setting CLASSES = here("classes", "auto", null, "", "logits; auto: as many as the data has classes");
    /** d. */
    public static final Setting DENSITY = here(MethodSettings.DENSITY);
    /** Where the images are. */
    public static final Setting DATA = here("data", "demo", null, "path",
            "demo (embedded), or a folder of CIFAR-10, CIFAR-100, SVHN, CINIC-10 or IDX files");
    /** Which images. */
    public static final Setting DATASET = here("dataset", "auto", null, "",
            "what the images are, which their augmentation, figures and class names go by: auto (by names and "
            + "checksums of the files), cifar10, cifar100, svhn, cinic10, fashion-mnist, mnist, kmnist, or neutral: neither cropped nor "
            + "mirrored, figures measured from the training images");
    /** Fine or coarse. */
    public static final Setting LABELS = here("labels", "fine", null, "", "which labels of CIFAR-100: fine (100 classes) or coarse (20)");
    /** Subset. */
    public static final Setting MAX_IMAGES = here("max-images", "0", null, "images", "training images used, a seeded draw; 0: all");
    /** Test subset. */
    public static final Setting MAX_TEST_IMAGES = here("max-test-images", "0", null, "images", "test images used, a seeded draw; 0: all");
    /** Validation. */
    public static final Setting VALIDATION_IMAGES = here("validation-images", "0", null, "images",
            "training images, a seeded draw, that no device and no public set gets and that everything is evaluated on instead of the test "
            + "set, for choosing settings; 0: the test set");
    /** K. */
    public static final Setting DEVICES = here("devices", "10", "8", "devices", "devices that share the training images");
    /** Partition. */
    public static final Setting PARTITION = here("partition", "dirichlet", null, "",
            "how images are split between devices: dirichlet or iid");
    /** α. */
    public static final Setting ALPHA = here("alpha", "0.5", null, "", "Dirichlet concentration: small is uneven");
    /** Least images of a device. */
    public static final Setting SMALLEST_SHARE = here("smallest-share", "10", null, "images",
            "dirichlet: a split in which some device has fewer images is drawn again; no more than there are images for every device");
    /** A kept split. */
    public static final Setting PARTITION_FILE = here("partition-file", "none", null, "path",
            "split written by 'partition', or none; with one, partition, alpha and smallest-share are unused");
    /** R. */
    public static final Setting ROUNDS = here("rounds", "300", "16", "rounds", "communication rounds");
    /** E. */
    public static final Setting EPOCHS = here("epochs", "5", "1", "epochs", "local epochs a round");
    /** B. */
    public static final Setting BATCH = here("batch", "64", "32", "images", "images of a local step; the last partial batch is kept");
    /** Devices a round. */
    public static final Setting SAMPLE = here("sample", "0", null, "devices", "devices that take part in a round, a seeded draw; 0: all");
    /** First learning rate. */
    public static final Setting LEARNING_RATE = here("learning-rate", "0.1", null, "", "learning rate of the first round");
    /** Last learning rate. */
    public static final Setting LEARNING_RATE_LAST = here("learning-rate-last", "0.01", "0.02", "",
            "learning rate the schedule goes to; unused by a constant one");
    /** Schedule. */
    public static final Setting SCHEDULE = here("schedule", "exponential", null, "",
            "learning rate over the rounds: exponential, cosine or constant");
    /** Optimiser. */
    public static final Setting OPTIMIZER = here("optimizer", "sgd", null, "", "sgd, or adam (AMSGrad)");
    /** μ. */
    public static final Setting MOMENTUM = here("momentum", "0", "0.9", "", "momentum of sgd, in [0, 1)");
    /** λ. */
    public static final Setting WEIGHT_DECAY = here("weight-decay", "1e-4", null, "", "L2 penalty on all trained values");
    /** |D_s|. */
    public static final Setting PUBLIC_PER_CLASS = here("public-per-class", "5", null, "images",
            "public images of each class that the server pretrains on, none of a class "
            + "without training images; no device gets them");
    /** Pretraining. */
    public static final Setting PRETRAIN_EPOCHS = here("pretrain-epochs", "3", "10", "epochs",
            "epochs of pretraining on the public images");
    /** Pretraining batch. */
    public static final Setting PRETRAIN_BATCH = here("pretrain-batch", "64", "16", "images", "images of a pretraining step");
    /** Pretraining rate. */
    public static final Setting PRETRAIN_LEARNING_RATE = here("pretrain-learning-rate", "0.1", "0.05", "",
            "constant learning rate of pretraining");
    /** Augmentation. */
    public static final Setting AUGMENT = here("augment", "auto", null, "", "none, crop, crop-mirror, or auto: what is usual for the data");
    /** Cutout. */
    public static final Setting CUTOUT = here("cutout", "0", null, "pixels", "side of the square that Cutout blanks; 0: off");
    /** Activations. */
    public static final Setting ACTIVATIONS = here("activations", "float32", null, "",
            "how local training keeps maps for the backward pass: float32, or float16 (about half the memory, slightly other results)");
    /** Forms of weights. */
    public static final Setting FORMATS = here("formats", "direct", null, "",
            "in which form layers are computed: direct, dense, csr, bitmask, a table's file written by "
            + "'bin/benchmarks kernels --table', auto or winograd. All but the last two give the same results; auto trains dense layers "
            + "faster through a transform that rounds otherwise and holds more memory, winograd takes it in every pass");
    /** Zero γ. */
    public static final Setting ZERO_GAMMA = here("zero-gamma", "false", null, "",
            "whether residual branches start switched off: true or false");
    /** Last linear layer. */
    public static final Setting LAST_LINEAR_PRUNABLE = here("last-linear-prunable", "true", null, "",
            "whether the last linear layer may be pruned: true or false");
    /** Baseline. */
    public static final Setting BASELINE = here("baseline", "true", null, "",
            "whether dense FedAvg with the same number of rounds runs beside it: true or false");
    /** Dropout. */
    public static final Setting DROPOUT = here("dropout", "0", null, "probability",
            "simulated: that a device is not there in a round, in [0, 1)");
    /** Deadline. */
    public static final Setting DEADLINE = here("deadline", "0", null, "simulated seconds",
            "simulated: later updates of a round are thrown away; 0: none is late");
    /** Device speeds. */
    public static final Setting DEVICE_SPEED = here("device-speed", "0", null, "FLOP/s",
            "simulated: 0 (no time passes), one speed, one a device (1e9, 2e9, ...), or "
            + "1e8..1e10, drawn for every device, uniform in the logarithm");
    /** Device bandwidths. */
    public static final Setting DEVICE_BANDWIDTH = here("device-bandwidth", "0", null, "bytes/s",
            "simulated: speed of a device's line both ways, given as device-speed is");
    /** Minimum reporters. */
    public static final Setting MIN_REPORTERS = here("min-reporters", "1", null, "devices", "updates a round needs");
    /** The rule. */
    public static final Setting ON_TOO_FEW = here("on-too-few", "skip", null, "",
            "what happens to a round with fewer: repeat, or skip (the model stays)");
    /** Repeats. */
    public static final Setting MAX_REPEATS = here("max-repeats", "10", null, "times",
            "a round repeated so often without success is skipped; stage one, which "
            + "cannot be skipped, is repeated so often whatever on-too-few says, and then ends the run");
    /** Aggregation. */
    public static final Setting AGGREGATION = here("aggregation", "mean", null, "",
            "how the server puts devices' updates together: mean (weighted by samples), trimmed-mean or "
            + "median (every coordinate by itself, every device alike; the server then holds all updates of a round)");
    /** Share cut off. */
    public static final Setting TRIM_SHARE = here("trim-share", "0.2", null, "share",
            "trimmed-mean: share of the devices' values cut off at each end, below 0.5");
    /** Bound on updates. */
    public static final Setting UPDATE_BOUND = here("update-bound", "20", null, "times the median",
            "an update that changes the weights more than so many times the median of the round's devices is thrown away and its device "
            + "named (running statistics and gradients: five times so many); 0: no bound");
    /** Vote of stage one. */
    public static final Setting SELECTION_VOTE = here("selection-vote", "median", null, "",
            "how devices' losses decide between candidates: median (over the devices, one vote each), or mean (over all samples, as in "
                    + "the paper)");
    /** Divergence. */
    public static final Setting ON_DIVERGENCE = here("on-divergence", "go-back", null, "",
            "what happens after a round that leaves a model or loss that is not finite, or a loss "
            + "far above that before: go-back (to the model before it), or stop");
    /** Goings back. */
    public static final Setting MAX_GO_BACKS = here("max-go-backs", "3", null, "rounds",
            "a run that had to go back in more rounds than that, one after the other, has diverged "
            + "and stops");
    /** Seed. */
    public static final Setting SEED = here("seed", "1", null, "", "the one seed every random stream is derived from");
    /** Checkpoints. */
    public static final Setting CHECKPOINT_EVERY = here("checkpoint-every", "1", null, "rounds",
            "rounds between checkpoints. Results do not depend on it");
    /** Meter. */
    public static final Setting METER = here("meter", "off", null, "",
            "whether devices' work is measured operator by operator, into metrics.jsonl: off or on. "
            + "Results do not depend on it");
    /** Threads. */
    public static final Setting THREADS = here("threads", "0", null, "threads",
            "worker threads; 0: one a processor. Results do not depend on it");
    /** Slots. */
    public static final Setting SLOTS = here("slots", "0", null, "devices",
            "devices simulated at the same time, one thread each; 0: as many as threads. Results do not depend on it");
    /** Threads or processes. */
    public static final Setting DEVICES_IN = here("devices-in", "threads", null, "",
            "where devices work: threads of this process, or process: a Java of its own for each, with its own heap limit and one "
            + "processor. Results do not depend on it");
    /** Heap of a device process. */
    public static final Setting DEVICE_MEMORY = here("device-memory", "auto", null, "MiB",
            "heap of a device process (for example 48MiB), planned against before anything is "
            + "allocated; auto: what the plan needs and a fifth more");
    /** Deadline of a device process. */
    public static final Setting DEVICE_TIMEOUT = here("device-timeout", "600", null, "s",
            "wall time a device process has for an answer; one that is later loses its turn");
    /** A slower device. */
    public static final Setting DEVICE_PROFILE = here("device-profile", "none", null, "",
            "with devices-in = process, a slower device to simulate the time of from what was measured, for example " + DeviceProfile.FORM);

    /** By key, in the order of files and lists; made when methods are first asked for. */
    private static Map<String, Setting> all;

    private final String key;
    private final String usual;
    private final String demo;
    private final String unit;
    private final String help;
    private final int rank;

    private Setting(String key, String usual, String demo, String unit, String help, int rank) {
        this.key = key;
        this.usual = usual;
        this.demo = demo;
        this.unit = unit;
        this.help = help;
        this.rank = rank;
    }

    private static Setting here(String key, String usual, String demo, String unit, String help) {
        Setting setting = new Setting(key, usual, demo == null ? usual : demo, unit, help, HERE.size() * RANKS);
        HERE.add(setting);
        return setting;
    }

    private static Setting here(SettingSpec<?> spec) {
        return here(spec.key(), spec.fallback(false), spec.fallback(true), spec.unit(), spec.help());
    }

    /** Those of methods stand after the optimiser's. */
    private static synchronized Map<String, Setting> all() {
        if (all == null) {
            Set<Setting> ordered = new TreeSet<>(HERE);
            int rank = WEIGHT_DECAY.rank;
            for (SettingSpec<?> spec : Methods.settings()) {
                if (spec != MethodSettings.DENSITY) {
                    ordered.add(new Setting(spec.key(), spec.fallback(false), spec.fallback(true), spec.unit(), spec.help(), ++rank));
                }
            }
            Map<String, Setting> found = new LinkedHashMap<>();
            for (Setting setting : ordered) {
                if (found.putIfAbsent(setting.key, setting) != null) {
                    throw new IllegalArgumentException("the setting '" + setting.key
                            + "' is declared twice: by a method found, and by another or by experiments themselves; rename one");
                }
            }
            all = found;
        }
        return all;
    }

    /** All settings, in the order of files and lists. */
    public static List<Setting> values() {
        return List.copyOf(all().values());
    }

    /** The key, as in a file. */
    public String key() {
        return key;
    }

    /** The default; the embedded demo has some of its own. */
    public String fallback(boolean forDemo) {
        return forDemo ? demo : usual;
    }

    /** The unit of the value; may be empty. */
    public String unit() {
        return unit;
    }

    /** What it means. */
    public String help() {
        // Which methods there are is known when all are found.
        return this == METHOD ? Methods.names(" or ") : help;
    }

    /** All keys. */
    public static List<String> keys() {
        return List.copyOf(all().keySet());
    }

    /**
     * The setting of a key.
     *
     * @throws IllegalArgumentException if there is none; names the nearest one
     */
    public static Setting of(String key) {
        Setting setting = all().get(key);
        if (setting == null) {
            throw new IllegalArgumentException("no setting is called '" + key + "'"
                    + Nearest.to(key, keys()).map(n -> "; did you mean '" + n + "'?").orElse(";") + " --print-config shows all");
        }
        return setting;
    }

    /** The setting that a method declares. */
    public static Setting of(SettingSpec<?> spec) {
        return of(spec.key());
    }

    /**
     * The setting of a key in a file.
     *
     * @param where file and line
     * @throws IllegalArgumentException if there is none; names the place and the nearest one
     */
    static Setting at(String where, String key) {
        try {
            return of(key);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }

    /** Settings of methods that one method does not look at: they stand in every file and change nothing there. */
    static Set<Setting> unused(MethodProvider method) {
        Set<Setting> unused = new TreeSet<>();
        for (SettingSpec<?> spec : Methods.settings()) {
            if (!method.settings().contains(spec)) {
                unused.add(of(spec));
            }
        }
        return unused;
    }

    @Override
    public int compareTo(Setting other) {
        return Integer.compare(rank, other.rank);
    }

    /** The key. */
    @Override
    public String toString() {
        return key;
    }
}

package dev.fedtiny.experiment;

import java.util.Arrays;
import java.util.List;

/** Every key of an experiment, the same in a file and after {@code --set}. The demo has some defaults of its own. */
public enum Setting {
    /** Which method. */
    METHOD("method", "fedtiny", null, "",
            "fedtiny, fedavg (dense), fl-pqsu, snip, synflow, prunefl, feddst, lotteryfl, fedmef, fedrts or fedsgc"),
    /** Which architecture. */
    MODEL("model", "resnet18", null, "",
            "resnet18, vgg11, vgg11-imagenet, vgg11-single, cnn-32-64-32, cnn-8-16-32, cnn-8-16-16, cnn-8-8-8"),
    /** Width. */
    WIDTH("width", "64", "8", "channels", "channels of the first stage of resnet18 and vgg11"),
    /** Classes. */
    CLASSES("classes", "auto", null, "", "logits; auto: as many as the data has classes"),
    /** d. */
    DENSITY("density", "0.01", "0.05", "share", "kept share of the prunable weights, above 0 and at most 1"),
    /** Where the images are. */
    DATA("data", "demo", null, "path", "demo (embedded), or a folder of CIFAR-10, CIFAR-100, SVHN, CINIC-10 or IDX files"),
    /** Which images. */
    DATASET("dataset", "auto", null, "", "what the images are, which their augmentation, figures and class names go by: auto (by names and "
            + "checksums of the files), cifar10, cifar100, svhn, cinic10, fashion-mnist, mnist, kmnist, or neutral: neither cropped nor "
            + "mirrored, figures measured from the training images"),
    /** Fine or coarse. */
    LABELS("labels", "fine", null, "", "which labels of CIFAR-100: fine (100 classes) or coarse (20)"),
    /** Subset. */
    MAX_IMAGES("max-images", "0", null, "images", "training images used, a seeded draw; 0: all"),
    /** Test subset. */
    MAX_TEST_IMAGES("max-test-images", "0", null, "images", "test images used, a seeded draw; 0: all"),
    /** Validation. */
    VALIDATION_IMAGES("validation-images", "0", null, "images",
            "training images, a seeded draw, that no device and no public set gets and that everything is evaluated on instead of the test "
            + "set, for choosing settings; 0: the test set"),
    /** K. */
    DEVICES("devices", "10", "8", "devices", "devices that share the training images"),
    /** Partition. */
    PARTITION("partition", "dirichlet", null, "", "how images are split between devices: dirichlet or iid"),
    /** α. */
    ALPHA("alpha", "0.5", null, "", "Dirichlet concentration: small is uneven"),
    /** Least images of a device. */
    SMALLEST_SHARE("smallest-share", "10", null, "images",
            "dirichlet: a split in which some device has fewer images is drawn again; no more than there are images for every device"),
    /** A kept split. */
    PARTITION_FILE("partition-file", "none", null, "path",
            "split written by 'partition', or none; with one, partition, alpha and smallest-share are unused"),
    /** R. */
    ROUNDS("rounds", "300", "16", "rounds", "communication rounds"),
    /** E. */
    EPOCHS("epochs", "5", "1", "epochs", "local epochs a round"),
    /** B. */
    BATCH("batch", "64", "32", "images", "images of a local step; the last partial batch is kept"),
    /** Devices a round. */
    SAMPLE("sample", "0", null, "devices", "devices that take part in a round, a seeded draw; 0: all"),
    /** First learning rate. */
    LEARNING_RATE("learning-rate", "0.1", null, "", "learning rate of the first round"),
    /** Last learning rate. */
    LEARNING_RATE_LAST("learning-rate-last", "0.01", "0.02", "", "learning rate the schedule goes to; unused by a constant one"),
    /** Schedule. */
    SCHEDULE("schedule", "exponential", null, "", "learning rate over the rounds: exponential, cosine or constant"),
    /** Optimiser. */
    OPTIMIZER("optimizer", "sgd", null, "", "sgd, or adam (AMSGrad)"),
    /** μ. */
    MOMENTUM("momentum", "0", "0.9", "", "momentum of sgd, in [0, 1)"),
    /** λ. */
    WEIGHT_DECAY("weight-decay", "1e-4", null, "", "L2 penalty on all trained values"),
    /** ΔR. */
    ADJUST_EVERY("adjust-every", "0", "2", "rounds",
            "rounds between adjustments, and before the first; 0: a thirtieth of the rounds, layer by layer a quarter of that"),
    /** R_stop. */
    ADJUST_UNTIL("adjust-until", "0", "14", "rounds", "last round that may adjust, rounds counted from 1; 0: a third of the rounds"),
    /** Granularity. */
    GRANULARITY("granularity", "block", null, "", "what one adjustment touches: layer, block or entire"),
    /** Order. */
    ORDER("order", "backward", null, "", "where adjustments begin: backward (output) or forward (input)"),
    /** Stage one. */
    SELECTION("selection", "adaptive", null, "", "choice of the first mask: adaptive, vanilla or none"),
    /** Stage two. */
    PROGRESSIVE("progressive", "true", null, "", "whether masks are adjusted during training: true or false"),
    /** Devices of stage one. */
    SELECTION_SAMPLE("selection-sample", "0", null, "devices", "devices that choose the first mask, a seeded draw; each goes at least ten "
            + "times through its development data for every candidate; 0: all, or 100 where there are more"),
    /** C. */
    POOL("pool", "0", null, "candidates", "candidates of stage one; 0: 0.1 / density, rounded up"),
    /** Scores. */
    SCORE_SCOPE("score-scope", "layer", null, "", "snip, synflow: what weights compete with: layer, or global"),
    /** Steps of SNIP. */
    SNIP_STEPS("snip-steps", "5", null, "steps", "snip: steps in which the density comes down, linearly"),
    /** Steps of SynFlow. */
    SYNFLOW_STEPS("synflow-steps", "100", null, "steps", "synflow: steps in which the density comes down, exponentially"),
    /** PruneFL's price. */
    PRUNEFL_EVERY_ROUND("prunefl-every-round", "true", null, "",
            "prunefl: whether rounds up to adjust-until pay for the dense gradient also when they do not adjust: true or false"),
    /** LotteryFL's threshold. */
    LOTTERYFL_THRESHOLD("lotteryfl-threshold", "0.5", null, "share", "lotteryfl: accuracy on held-out data above which a device prunes"),
    /** LotteryFL's share. */
    LOTTERYFL_SHARE("lotteryfl-share", "0.2", null, "share", "lotteryfl: share of every layer pruned at once, below 1"),
    /** FedMef's λ. */
    FEDMEF_PENALTY("fedmef-penalty", "0.01", null, "", "fedmef: L2 penalty on weights that are likely to be pruned next"),
    /** FedMef's activations. */
    FEDMEF_ACTIVATIONS("fedmef-activations", "0.3", null, "share",
            "fedmef: share of every activation map that backward passes keep; 1: all"),
    /** FedRTS's λ. */
    FEDRTS_WEIGHT("fedrts-weight", "10", null, "", "fedrts: weight of an outcome in the Beta variables"),
    /** FedRTS's γ. */
    FEDRTS_GLOBAL_SHARE("fedrts-global-share", "0.5", null, "share", "fedrts: what the averaged model counts against the devices"),
    /** FedSGC's prune share. */
    FEDSGC_PRUNE_SHARE("fedsgc-prune-share", "0.01", null, "share",
            "fedsgc: share of the pruned weights that moved against the global signs"),
    /** FedSGC's grow share. */
    FEDSGC_GROW_SHARE("fedsgc-grow-share", "0.1", null, "share",
            "fedsgc: share of the grown weights whose step agrees with the global signs"),
    /** |D_s|. */
    PUBLIC_PER_CLASS("public-per-class", "5", null, "images", "public images of each class that the server pretrains on, none of a class "
            + "without training images; no device gets them"),
    /** Pretraining. */
    PRETRAIN_EPOCHS("pretrain-epochs", "3", "10", "epochs", "epochs of pretraining on the public images"),
    /** Pretraining batch. */
    PRETRAIN_BATCH("pretrain-batch", "64", "16", "images", "images of a pretraining step"),
    /** Pretraining rate. */
    PRETRAIN_LEARNING_RATE("pretrain-learning-rate", "0.1", "0.05", "", "constant learning rate of pretraining"),
    /** Augmentation. */
    AUGMENT("augment", "auto", null, "", "none, crop, crop-mirror, or auto: what is usual for the data"),
    /** Cutout. */
    CUTOUT("cutout", "0", null, "pixels", "side of the square that Cutout blanks; 0: off"),
    /** Activations. */
    ACTIVATIONS("activations", "float32", null, "",
            "how local training keeps maps for the backward pass: float32, or float16 (about half the memory, slightly other results)"),
    /** Forms of weights. */
    FORMATS("formats", "direct", null, "", "in which form layers are computed: direct, dense, csr, bitmask, a table's file written by "
            + "'bench kernels --table', auto or winograd. All but the last two give the same results; auto trains dense layers faster "
            + "through a transform that rounds otherwise and holds more memory, winograd takes it in every pass"),
    /** Zero γ. */
    ZERO_GAMMA("zero-gamma", "false", null, "", "whether residual branches start switched off: true or false"),
    /** Last linear layer. */
    LAST_LINEAR_PRUNABLE("last-linear-prunable", "true", null, "", "whether the last linear layer may be pruned: true or false"),
    /** Baseline. */
    BASELINE("baseline", "true", null, "", "whether dense FedAvg with the same number of rounds runs beside it: true or false"),
    /** Dropout. */
    DROPOUT("dropout", "0", null, "probability", "simulated: that a device is not there in a round, in [0, 1)"),
    /** Deadline. */
    DEADLINE("deadline", "0", null, "simulated seconds", "simulated: later updates of a round are thrown away; 0: none is late"),
    /** Device speeds. */
    DEVICE_SPEED("device-speed", "0", null, "FLOP/s", "simulated: 0 (no time passes), one speed, one a device (1e9, 2e9, ...), or "
            + "1e8..1e10, drawn for every device, uniform in the logarithm"),
    /** Device bandwidths. */
    DEVICE_BANDWIDTH("device-bandwidth", "0", null, "bytes/s", "simulated: speed of a device's line both ways, given as device-speed is"),
    /** Minimum reporters. */
    MIN_REPORTERS("min-reporters", "1", null, "devices", "updates a round needs"),
    /** The rule. */
    ON_TOO_FEW("on-too-few", "skip", null, "", "what happens to a round with fewer: repeat, or skip (the model stays)"),
    /** Repeats. */
    MAX_REPEATS("max-repeats", "10", null, "times", "a round repeated so often without success is skipped; stage one, which "
            + "cannot be skipped, is repeated so often whatever on-too-few says, and then ends the run"),
    /** Aggregation. */
    AGGREGATION("aggregation", "mean", null, "", "how the server puts devices' updates together: mean (weighted by samples), trimmed-mean or "
            + "median (every coordinate by itself, every device alike; the server then holds all updates of a round)"),
    /** Share cut off. */
    TRIM_SHARE("trim-share", "0.2", null, "share", "trimmed-mean: share of the devices' values cut off at each end, below 0.5"),
    /** Bound on updates. */
    UPDATE_BOUND("update-bound", "20", null, "times the median",
            "an update that changes the weights more than so many times the median of the round's devices is thrown away and its device "
            + "named (running statistics and gradients: five times so many); 0: no bound"),
    /** Vote of stage one. */
    SELECTION_VOTE("selection-vote", "median", null, "",
            "how devices' losses decide between candidates: median (over the devices, one vote each), or mean (over all samples, as in the paper)"),
    /** Divergence. */
    ON_DIVERGENCE("on-divergence", "go-back", null, "", "what happens after a round that leaves a model or loss that is not finite, or a loss "
            + "far above that before: go-back (to the model before it), or stop"),
    /** Goings back. */
    MAX_GO_BACKS("max-go-backs", "3", null, "rounds", "a run that had to go back in more rounds than that, one after the other, has diverged "
            + "and stops"),
    /** Seed. */
    SEED("seed", "1", null, "", "the one seed every random stream is derived from"),
    /** Checkpoints. */
    CHECKPOINT_EVERY("checkpoint-every", "1", null, "rounds", "rounds between checkpoints. Results do not depend on it"),
    /** Meter. */
    METER("meter", "off", null, "", "whether devices' work is measured operator by operator, into metrics.jsonl: off or on. "
            + "Results do not depend on it"),
    /** Threads. */
    THREADS("threads", "0", null, "threads", "worker threads; 0: one a processor. Results do not depend on it"),
    /** Slots. */
    SLOTS("slots", "0", null, "devices",
            "devices simulated at the same time, one thread each; 0: as many as threads. Results do not depend on it"),
    /** Threads or processes. */
    DEVICES_IN("devices-in", "threads", null, "",
            "where devices work: threads of this process, or process: a Java of its own for each, with its own heap limit and one "
            + "processor. Results do not depend on it"),
    /** Heap of a device process. */
    DEVICE_MEMORY("device-memory", "auto", null, "MiB", "heap of a device process (for example 48MiB), planned against before anything is "
            + "allocated; auto: what the plan needs and a fifth more"),
    /** Deadline of a device process. */
    DEVICE_TIMEOUT("device-timeout", "600", null, "s", "wall time a device process has for an answer; one that is later loses its turn"),
    /** A slower device. */
    DEVICE_PROFILE("device-profile", "none", null, "",
            "with devices-in = process, a slower device to simulate the time of from what was measured, for example " + DeviceProfile.FORM);

    private final String key;
    private final String usual;
    private final String demo;
    private final String unit;
    private final String help;

    Setting(String key, String usual, String demo, String unit, String help) {
        this.key = key;
        this.usual = usual;
        this.demo = demo;
        this.unit = unit;
        this.help = help;
    }

    /** The key, as in a file. */
    public String key() {
        return key;
    }

    /** The default; the embedded demo has some of its own. */
    public String fallback(boolean forDemo) {
        return forDemo && demo != null ? demo : usual;
    }

    /** The unit of the value; may be empty. */
    public String unit() {
        return unit;
    }

    /** What it means. */
    public String help() {
        return help;
    }

    /** All keys. */
    public static List<String> keys() {
        return Arrays.stream(values()).map(Setting::key).toList();
    }

    /**
     * The setting of a key.
     *
     * @throws IllegalArgumentException if there is none; names the nearest one
     */
    public static Setting of(String key) {
        return Arrays.stream(values()).filter(s -> s.key.equals(key)).findFirst().orElseThrow(() -> new IllegalArgumentException(
                "no setting is called '" + key + "'" + Nearest.to(key, keys()).map(n -> "; did you mean '" + n + "'?").orElse(";")
                        + " --print-config shows all"));
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
}

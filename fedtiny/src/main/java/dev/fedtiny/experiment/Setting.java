package dev.fedtiny.experiment;

import static dev.fedtiny.settings.Numbers.MOST_WHOLE;

import dev.fedtiny.data.Cifar100Labels;
import dev.fedtiny.data.DatasetKind;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.PartitionScheme;
import dev.fedtiny.data.PartitionSchemes;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.SelectionVote;
import dev.fedtiny.method.MethodProvider;
import dev.fedtiny.method.MethodSettings;
import dev.fedtiny.method.Methods;
import dev.fedtiny.method.Reliability;
import dev.fedtiny.method.RoundSchedule;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.settings.Numbers.Decimal;
import dev.fedtiny.settings.Numbers.Whole;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The settings of experiments themselves, in the order of files and lists; those of methods and of ways to split images stand with these,
 * and {@link SettingIndex} has them all. A setting is declared here and read where it is used, by {@link Experiment#get}; nothing else
 * names it.
 */
public final class Setting {
    /** Rounds, epochs, devices and whatever else takes its time or memory one by one. */
    private static final int MOST_TIMES = 1_000_000;
    private static final double ANY = Double.MAX_VALUE;
    private static final double BELOW_ONE = Math.nextDown(1.0);
    private static final Pattern MEMORY = Pattern.compile("([1-9][0-9]{0,5}) ?(MiB|GiB)?");

    private static final List<SettingSpec<?>> HERE = new ArrayList<>();

    /** Which method. */
    public static final SettingSpec<MethodProvider> METHOD = here(SettingSpec.of("method", "fedtiny", "", "",
            () -> "one of " + Methods.names(), Methods::find).meaning(Methods::meanings));
    /** Which architecture. */
    public static final SettingSpec<Architecture> MODEL = here(SettingSpec.of("model", "resnet18", "",
            Architecture.classifiers(), () -> "an architecture", text -> Optional.of(classifier(text))));
    /** Width. */
    public static final SettingSpec<Integer> WIDTH = here(SettingSpec.whole("width", "64",
            "channels of the first stage, or hidden units; lenet, femnist-cnn and cnn-... have theirs",
            new Whole(1, 1024, "channels")).inDemo("16"));
    /** Classes. */
    public static final SettingSpec<Optional<Integer>> CLASSES = here(SettingSpec.whole("classes", "auto",
            "logits; auto: as many as the data has classes", new Whole(2, 100_000, "")).orWord("auto"));
    /** d. */
    public static final SettingSpec<Double> DENSITY = here(MethodSettings.DENSITY);
    /** Where the images are. */
    public static final SettingSpec<String> DATA = here(SettingSpec.text("data", Datasets.DEMO, "path",
            "demo (embedded), or a folder of CIFAR-10, CIFAR-100, SVHN, CINIC-10, Tiny ImageNet or IDX files").verbatim().changeable());
    /** Which images. */
    public static final SettingSpec<Optional<DatasetKind>> DATASET = here(SettingSpec.of("dataset", "auto", "",
            "what the images are, which their augmentation, figures and class names go by: auto (by names and "
            + "checksums of the files), cifar10, cifar100, svhn, cinic10, tiny-imagenet, fashion-mnist, mnist, kmnist, or neutral: neither "
            + "cropped nor mirrored, figures measured from the training images",
            () -> "auto or one of " + DatasetKind.keys(),
            text -> Arrays.stream(DatasetKind.values()).filter(kind -> kind.key().equals(text)).findFirst()).orWord("auto"));
    /** Fine or coarse. */
    public static final SettingSpec<Cifar100Labels> LABELS = here(SettingSpec.choice("labels", "fine",
            "which labels of CIFAR-100: fine (100 classes) or coarse (20)", Cifar100Labels.class));
    /** Subset. */
    public static final SettingSpec<Integer> MAX_IMAGES = here(SettingSpec.whole("max-images", "0",
            "training images used, a seeded draw; 0: all", new Whole(0, MOST_WHOLE, "images")));
    /** Test subset. */
    public static final SettingSpec<Integer> MAX_TEST_IMAGES = here(SettingSpec.whole("max-test-images", "0",
            "test images used, a seeded draw; 0: all", new Whole(0, MOST_WHOLE, "images")));
    /** Validation. */
    public static final SettingSpec<Integer> VALIDATION_IMAGES = here(SettingSpec.whole("validation-images", "0",
            "training images, a seeded draw, that no device and no public set gets and that everything is evaluated on instead of the test "
            + "set, for choosing settings; 0: the test set", new Whole(0, MOST_WHOLE, "images")));
    /** K. */
    public static final SettingSpec<Integer> DEVICES = here(SettingSpec.whole("devices", "10",
            "devices that share the training images", new Whole(1, MOST_TIMES, "devices")).inDemo("8"));
    /** How much of the model devices hold. */
    public static final SettingSpec<Optional<DeviceClassesText>> DEVICE_CLASSES = here(SettingSpec.of("device-classes", "none", "",
            "devices with less memory hold a part of the model, nested in its mask: for each class a name, the density of what its "
            + "devices hold (the densest is that of the model), how many or which share of the devices are of it, and the heap that they "
            + "have where that is to be held, for example " + DeviceClassesText.FORM + "; none: all hold the whole model",
            () -> DeviceClassesText.FORM, text -> Optional.of(DeviceClassesText.parse(text))).orWord("none"));
    /** Partition; the settings that schemes found declare stand after it. */
    public static final SettingSpec<PartitionScheme> PARTITION = here(SettingSpec.of("partition", "dirichlet", "", "",
            () -> "one of " + PartitionSchemes.names(), PartitionSchemes::find)
            .meaning(() -> "how images are split between devices: " + PartitionSchemes.meanings()));
    /** A kept split. */
    public static final SettingSpec<Optional<String>> PARTITION_FILE = here(SettingSpec.text("partition-file", "none", "path",
            "split written by 'partition', or none; with one, partition and its settings are unused").verbatim().orWord("none"));
    /** R. */
    public static final SettingSpec<Integer> ROUNDS = here(SettingSpec.whole("rounds", "300",
            "communication rounds", new Whole(1, MOST_TIMES, "rounds")).inDemo("12"));
    /** Evaluation. */
    public static final SettingSpec<Integer> EVALUATE_EVERY = here(SettingSpec.whole("evaluate-every", "1",
            "rounds between evaluations of the global model; the start and the last round are evaluated in any case",
            new Whole(1, MOST_TIMES, "rounds")));
    /** Target. */
    public static final SettingSpec<Optional<Double>> TARGET_ACCURACY = here(SettingSpec.decimal("target-accuracy", "none",
            "accuracy, above 0 and at most 1, on the images the run is evaluated on (validation-images) after which it ends; none: it "
            + "goes on",
            new Decimal(0, false, 1, "share")).orWord("none"));
    /** Patience. */
    public static final SettingSpec<Integer> PATIENCE = here(SettingSpec.whole("patience", "0",
            "rounds without a better accuracy than before, on the images the run is evaluated on, after which it ends; 0: it goes on",
            new Whole(0, MOST_TIMES, "rounds")));
    /** Best model. */
    public static final SettingSpec<Boolean> KEEP_BEST = here(SettingSpec.bool("keep-best", "false",
            "whether the model of the round that was evaluated best is kept as model.best.safetensors: true or false"));
    /** E. */
    public static final SettingSpec<Integer> EPOCHS = here(SettingSpec.whole("epochs", "5",
            "local epochs a round", new Whole(1, Train.MAXIMUM_EPOCHS, "epochs")).inDemo("1"));
    /** B. */
    public static final SettingSpec<Integer> BATCH = here(SettingSpec.whole("batch", "64",
            "images of a local step; the last partial batch is kept", new Whole(1, Train.MAXIMUM_BATCH, "images")).inDemo("32"));
    /** Devices a round. */
    public static final SettingSpec<Integer> SAMPLE = here(SettingSpec.whole("sample", "0",
            "devices that take part in a round, a seeded draw; 0: all", new Whole(0, MOST_WHOLE, "devices")));
    /** First learning rate. */
    public static final SettingSpec<Double> LEARNING_RATE = here(SettingSpec.decimal("learning-rate", "0.1",
            "learning rate of the first round", new Decimal(0, false, ANY, "")));
    /** Last learning rate. */
    public static final SettingSpec<Double> LEARNING_RATE_LAST = here(SettingSpec.decimal("learning-rate-last", "0.01",
            "learning rate the schedule goes to; unused by a constant one", new Decimal(0, false, ANY, "")).inDemo("0.02"));
    /** Schedule. */
    public static final SettingSpec<Choices.RateSchedule> SCHEDULE = here(SettingSpec.choice("schedule", "exponential",
            "learning rate over the rounds: exponential, cosine or constant", Choices.RateSchedule.class));
    /** Optimiser. */
    public static final SettingSpec<Choices.OptimizerName> OPTIMIZER = here(SettingSpec.choice("optimizer", "sgd",
            "sgd, or adam (AMSGrad)", Choices.OptimizerName.class));
    /** μ. */
    public static final SettingSpec<Double> MOMENTUM = here(SettingSpec.decimal("momentum", "0",
            "momentum of sgd, in [0, 1)", new Decimal(0, true, BELOW_ONE, "")).inDemo("0.9"));
    /** λ. */
    public static final SettingSpec<Double> WEIGHT_DECAY = here(SettingSpec.decimal("weight-decay", "1e-4",
            "L2 penalty on all trained values", new Decimal(0, true, ANY, "")));
    /** FedProx. */
    public static final SettingSpec<Double> FEDPROX_MU = here(SettingSpec.decimal("fedprox-mu", "0",
            "FedProx: µ of the term µ/2·‖w − w_t‖² in the loss of local training, w_t where it begins in a round; with every method; "
            + "0: none", new Decimal(0, true, 1e6, "")));
    /** Server optimiser. */
    public static final SettingSpec<Choices.ServerStep> SERVER_OPTIMIZER = here(SettingSpec.choice("server-optimizer", "average",
            "how the server takes the devices' average: average (as it is), momentum (FedAvgM) or adam (FedAdam): a step whose gradient "
            + "is the average's difference", Choices.ServerStep.class));
    /** η. */
    public static final SettingSpec<Optional<Double>> SERVER_LEARNING_RATE = here(SettingSpec.decimal("server-learning-rate", "auto",
            "learning rate of the server's step; auto: 1 with momentum, 0.01 with adam", new Decimal(0, false, 1e6, "")).orWord("auto"));
    /** β of the server. */
    public static final SettingSpec<Double> SERVER_MOMENTUM = here(SettingSpec.decimal("server-momentum", "0.9",
            "β of the server's momentum, β1 of its adam, in [0, 1)", new Decimal(0, true, BELOW_ONE, "")));
    /** β2 of the server. */
    public static final SettingSpec<Double> SERVER_BETA2 = here(SettingSpec.decimal("server-beta2", "0.99",
            "β2 of the server's adam, in [0, 1)", new Decimal(0, true, BELOW_ONE, "")));
    /** τ of the server. */
    public static final SettingSpec<Double> SERVER_EPSILON = here(SettingSpec.decimal("server-epsilon", "0.001",
            "τ of the server's adam, added to the root of its second moment", new Decimal(0, false, ANY, "")));
    /** |D_s|. */
    public static final SettingSpec<Integer> PUBLIC_PER_CLASS = here(SettingSpec.whole("public-per-class", "5",
            "public images of each class that the server pretrains on, none of a class without training images; no device gets them",
            new Whole(1, MOST_TIMES, "images")));
    /** Pretraining. */
    public static final SettingSpec<Integer> PRETRAIN_EPOCHS = here(SettingSpec.whole("pretrain-epochs", "3",
            "epochs of pretraining on the public images", new Whole(0, MOST_TIMES, "epochs")).inDemo("10"));
    /** Pretraining batch. */
    public static final SettingSpec<Integer> PRETRAIN_BATCH = here(SettingSpec.whole("pretrain-batch", "64",
            "images of a step of pretraining, and of a pass of SNIP's scores; at least as many as there are public images: one batch, as "
            + "the paper's authors have it, and no small rest with statistics of its own",
            new Whole(1, MOST_WHOLE, "images")).inDemo("16"));
    /** Pretraining rate. */
    public static final SettingSpec<Double> PRETRAIN_LEARNING_RATE = here(SettingSpec.decimal("pretrain-learning-rate", "0.1",
            "constant learning rate of pretraining", new Decimal(0, false, ANY, "")).inDemo("0.05"));
    /** Augmentation of the public images. */
    public static final SettingSpec<Boolean> PRETRAIN_AUGMENT = here(SettingSpec.bool("pretrain-augment", "true",
            "whether pretraining augments the public images as devices do theirs (the paper's authors do not): true or false"));
    /** Augmentation. */
    public static final SettingSpec<Choices.Augmenting> AUGMENT = here(SettingSpec.choice("augment", "auto",
            "none, crop, crop-mirror, or auto: what is usual for the data", Choices.Augmenting.class));
    /** Cutout. */
    public static final SettingSpec<Integer> CUTOUT = here(SettingSpec.whole("cutout", "0",
            "side of the square that Cutout blanks; 0: off", new Whole(0, MOST_WHOLE, "pixels")));
    /** Activations. */
    public static final SettingSpec<ActivationStorage> ACTIVATIONS = here(SettingSpec.choice("activations", "float32",
            "how local training stores activations and their gradients: float32, or bfloat16 (half the memory, slightly other results)",
            ActivationStorage.class));
    /** Forms of weights; a table is read from its file when it is asked for. */
    public static final SettingSpec<String> FORMATS = here(SettingSpec.text("formats", "direct", "",
            "in which form layers are computed: direct, dense, csr, bitmask, a table's file written by "
            + "'bin/benchmarks kernels --table', auto or winograd. All but the last two give the same results; auto trains dense layers "
            + "faster through a transform that rounds otherwise and holds more memory, winograd takes it in every pass")
            .verbatim().changeable());
    /** Trained model. */
    public static final SettingSpec<Optional<String>> INIT = here(SettingSpec.text("init", "none", "path",
            "model file, ONNX model or state_dict whose values the dense model has before pretraining (pretrain-epochs = 0: that methods "
            + "prune), or none: drawn from the seed. Where the file says its network, the run trains that one, and model, width and "
            + "classes are unused; pruned positions begin at 0").verbatim().orWord("none").changeable());
    /** Zero γ. */
    public static final SettingSpec<Boolean> ZERO_GAMMA = here(SettingSpec.bool("zero-gamma", "false",
            "whether residual branches start switched off (true for FedTiny alone in its authors' code): true or false"));
    /** First convolution. */
    public static final SettingSpec<Boolean> FIRST_CONV_PRUNABLE = here(SettingSpec.bool("first-conv-prunable", "false",
            "whether the first convolution may be pruned, too (true for all methods but FedTiny in its authors' code): true or false"));
    /** Last linear layer. */
    public static final SettingSpec<Boolean> LAST_LINEAR_PRUNABLE = here(SettingSpec.bool("last-linear-prunable", "true",
            "whether the last linear layer may be pruned: true or false"));
    /** Whether dense FedAvg is to run beside the method. */
    public static final SettingSpec<Boolean> BASELINE = here(SettingSpec.bool("baseline", "true",
            "whether dense FedAvg with the same number of rounds runs beside it: true or false").changeable());
    /** Dropout. */
    public static final SettingSpec<Double> DROPOUT = here(SettingSpec.decimal("dropout", "0",
            "simulated: that a device is not there in a round, in [0, 1)", new Decimal(0, true, BELOW_ONE, "probability")));
    /** Deadline. */
    public static final SettingSpec<Double> DEADLINE = here(SettingSpec.decimal("deadline", "0",
            "simulated: later updates of a round are thrown away; 0: none is late", new Decimal(0, true, ANY, "simulated seconds")));
    /** Device speeds; how many there must be depends on the devices. */
    public static final SettingSpec<String> DEVICE_SPEED = here(SettingSpec.text("device-speed", "0", "FLOP/s",
            "simulated: 0 (no time passes), one speed, one a device (1e9, 2e9, ...), or "
            + "1e8..1e10, drawn for every device, uniform in the logarithm"));
    /** Device bandwidths; how many there must be depends on the devices. */
    public static final SettingSpec<String> DEVICE_BANDWIDTH = here(SettingSpec.text("device-bandwidth", "0", "bytes/s",
            "simulated: speed of a device's line both ways, given as device-speed is"));
    /** Minimum reporters. */
    public static final SettingSpec<Integer> MIN_REPORTERS = here(SettingSpec.whole("min-reporters", "1",
            "updates a round needs; 1 with dp-noise", new Whole(1, MOST_WHOLE, "devices")));
    /** Devices asked for one that is wanted. */
    public static final SettingSpec<Double> OVER_SELECT = here(SettingSpec.decimal("over-select", "1",
            "so many times as many devices are asked as sample says; the round closes when as many as that have answered",
            new Decimal(1, true, RoundSchedule.LARGEST_OVER_SELECTION, "times")));
    /** Wall time of a round. */
    public static final SettingSpec<Double> ROUND_TIMEOUT = here(SettingSpec.decimal("round-timeout", "0",
            "wall time after which a round closes with the devices that have answered, min-reporters or more of them; 0: it waits for all",
            new Decimal(0, true, MOST_WHOLE, "s")));
    /** The rule. */
    public static final SettingSpec<Reliability.TooFew> ON_TOO_FEW = here(SettingSpec.choice("on-too-few", "skip",
            "what happens to a round with fewer: repeat, or skip (the model stays)", Reliability.TooFew.class));
    /** Repeats. */
    public static final SettingSpec<Integer> MAX_REPEATS = here(SettingSpec.whole("max-repeats", "10",
            "a round repeated so often without success is skipped; stage one, which "
            + "cannot be skipped, is repeated so often whatever on-too-few says, and then ends the run",
            new Whole(0, MOST_TIMES, "times")));
    /** Aggregation. */
    public static final SettingSpec<Choices.AggregationName> AGGREGATION = here(SettingSpec.choice("aggregation", "mean",
            "how the server puts devices' updates together: mean (weighted by samples), clipped-mean (the same, of changes that "
            + "count with a norm of at most clip-norm), trimmed-mean or median "
            + "(every coordinate by itself, every device alike; the server then holds all updates of a round)",
            Choices.AggregationName.class));
    /** Share cut off. */
    public static final SettingSpec<Double> TRIM_SHARE = here(SettingSpec.decimal("trim-share", "0.2",
            "trimmed-mean: share of the devices' values cut off at each end, below 0.5",
            new Decimal(0, false, Math.nextDown(0.5), "share")));
    /** Norm of clipped changes. */
    public static final SettingSpec<Double> CLIP_NORM = here(SettingSpec.decimal("clip-norm", "10",
            "clipped-mean: the Euclidean norm that a device's change of the weights, of the running means and of the running variances "
            + "counts with at most", new Decimal(0, false, Aggregation.ClippedMean.LARGEST_NORM, "")));
    /** Bound on updates. */
    public static final SettingSpec<Double> UPDATE_BOUND = here(SettingSpec.decimal("update-bound", "20",
            "an update that changes the weights more than so many times the median of the round's devices is thrown away and its device "
            + "named (running statistics and gradients: five times so many); 0: no bound", new Decimal(0, true, ANY, "times the median")));
    /** Vote of stage one. */
    public static final SettingSpec<SelectionVote> SELECTION_VOTE = here(SettingSpec.choice("selection-vote", "median",
            "how devices' losses decide between candidates: median (over the devices, one vote each), or mean (over all samples, as in "
            + "the paper)", SelectionVote.class));
    /** Secure sums. */
    public static final SettingSpec<Choices.Switch> SECURE_AGGREGATION = here(SettingSpec.choice("secure-aggregation", "off",
            "whether devices mask their updates so that the server learns their sum alone: off or on. The model has the same bits; a value "
            + "takes 12 bytes on the way up in place of 4, and rounds at least three devices (docs/privacy.md)", Choices.Switch.class));
    /** k. */
    public static final SettingSpec<Integer> SECURE_NEIGHBOURS = here(SettingSpec.whole("secure-neighbours", "20",
            "secure-aggregation: devices that each device masks its values against, an even number; all where there are fewer",
            new Whole(2, SecureAggregation.MOST_NEIGHBOURS, "devices")));
    /** t. */
    public static final SettingSpec<Double> SECURE_THRESHOLD = here(SettingSpec.decimal("secure-threshold", "0.6666666666666666",
            "secure-aggregation: more than this share of a device and its neighbours must be there at the end, or the round fails; they "
            + "can undo its masks together, fewer cannot", new Decimal(0.5, true, BELOW_ONE, "share")));
    /** z. */
    public static final SettingSpec<Double> DP_NOISE = here(SettingSpec.decimal("dp-noise", "0",
            "differential privacy of devices: standard deviation of the noise, in units of what one device can change; 0: off. Runs are "
            + "then not repeatable; tens of devices lose much accuracy (docs/privacy.md)", new Decimal(0, true, 1e6, "times")));
    /** C. */
    public static final SettingSpec<Double> DP_CLIP = here(SettingSpec.decimal("dp-clip", "1",
            "dp-noise: the Euclidean norm that a device's change of the weights, of the running means and of the running variances counts "
            + "with at most", new Decimal(0, false, Aggregation.ClippedMean.LARGEST_NORM, "")));
    /** δ. */
    public static final SettingSpec<Double> DP_DELTA = here(SettingSpec.decimal("dp-delta", "1e-5",
            "dp-noise: delta at which epsilon is told; well below one over the devices", new Decimal(0, false, BELOW_ONE, "probability")));
    /** Divergence. */
    public static final SettingSpec<DivergenceRule.Reaction> ON_DIVERGENCE = here(SettingSpec.choice("on-divergence", "go-back",
            "what happens after a round that leaves a model or loss that is not finite, or a loss "
            + "far above that before: go-back (to the model before it), or stop", DivergenceRule.Reaction.class));
    /** Goings back. */
    public static final SettingSpec<Integer> MAX_GO_BACKS = here(SettingSpec.whole("max-go-backs", "3",
            "a run that had to go back in more rounds than that, one after the other, has diverged and stops",
            new Whole(1, MOST_WHOLE, "rounds")));
    /** A last step behind the rounds. */
    public static final SettingSpec<Boolean> RECALIBRATE_LAST = here(SettingSpec.bool("recalibrate-last", "false",
            "whether devices measure the running statistics of the last averaged model on their development data, as in stage one: a "
            + "second accuracy beside the first, and a second model file; true or false"));
    /** What devices' own models are worth. */
    public static final SettingSpec<Boolean> EVALUATE_PERSONAL = here(SettingSpec.bool("evaluate-personal", "false",
            "behind the last round of a simulation, how each device's own model does, with running statistics of the device's data, on "
            + "test images weighed by the device's classes (at most 100 devices, a seeded draw); true or false. Results do not depend on "
            + "it").changeable());
    /** Seed. */
    public static final SettingSpec<Long> SEED = here(SettingSpec.whole64("seed", "1",
            "the one seed every random stream is derived from"));
    /** Window of the accuracy. */
    public static final SettingSpec<Integer> ACCURACY_ROUNDS = here(SettingSpec.whole("accuracy-rounds", "5",
            "a run's accuracy is the mean test accuracy of its last so many evaluated rounds, in every table and file. Results do not "
            + "depend on it",
            new Whole(1, MOST_TIMES, "rounds")).changeable());
    /** Evaluation on devices' own images. */
    public static final SettingSpec<Integer> EVALUATE_DEVICES = here(SettingSpec.whole("evaluate-devices", "0",
            "after every so many rounds and the last one, how the model that each device gets next does on the device's own images, where "
            + "they are known here: a forward pass over all training images, about 1 / (3 epochs) of a round in which all devices train; "
            + "0: never. Results do not depend on it", new Whole(0, MOST_TIMES, "rounds")).changeable());
    /** Checkpoints. */
    public static final SettingSpec<Integer> CHECKPOINT_EVERY = here(SettingSpec.whole("checkpoint-every", "1",
            "rounds between checkpoints. Results do not depend on it", new Whole(1, MOST_WHOLE, "rounds")).changeable());
    /** Last checkpoint. */
    public static final SettingSpec<Boolean> KEEP_CHECKPOINT = here(SettingSpec.bool("keep-checkpoint", "true",
            "whether the last checkpoint stays when the run is done, so that it can be given more rounds: true or false").changeable());
    /** Meter. */
    public static final SettingSpec<Metering> METER = here(SettingSpec.choice("meter", "off",
            "whether devices' work is measured operator by operator, into metrics.jsonl: off or on. Results do not depend on it",
            Metering.class).changeable());
    /** Threads. */
    public static final SettingSpec<Integer> THREADS = here(SettingSpec.whole("threads", "0",
            "worker threads; 0: one a processor. Results do not depend on it", new Whole(0, 1024, "threads")).changeable());
    /** Slots. */
    public static final SettingSpec<Integer> SLOTS = here(SettingSpec.whole("slots", "0",
            "devices simulated at the same time, one thread each; 0: as many as threads. Results do not depend on it",
            new Whole(0, MOST_WHOLE, "devices")).changeable());
    /** Where devices work. */
    public static final SettingSpec<FleetProvider> DEVICES_ON = here(SettingSpec.of("devices-on", DevicesInThreads.NAME, "", "",
            FleetProviders::expected, FleetProviders::find)
            .meaning(() -> "where devices work. " + FleetProviders.places() + ". Results do not depend on it").changeable());
    /** Nodes of a cluster. */
    public static final SettingSpec<List<NodeAddress>> CLUSTER = here(SettingSpec.of("cluster", "127.0.0.1:5701", "",
            "where devices-on and sweep --on find a cluster: addresses of some of its nodes, comma-separated; an engine that is told "
            + "otherwise, as spark is by spark-submit, does not look at it", () -> NodeAddress.LIST, NodeAddress::readList).changeable());
    /** How long work waits for nodes. */
    public static final SettingSpec<Integer> CLUSTER_PATIENCE = here(SettingSpec.whole("cluster-patience", "300",
            "how long work waits for a node of the cluster that can do it while there is none: then a device whose data nobody holds is "
            + "lost for its round, and a run without any node ends, to go on with --resume", new Whole(0, MOST_WHOLE, "s")).changeable());
    /** Whose bits. */
    public static final SettingSpec<Boolean> EXACT = here(SettingSpec.bool("exact", "true",
            "whether nodes of a cluster that compute other bits than this machine (another release, another fused multiply-add) are left "
            + "out: true or false"));
    /** Where the data of devices on nodes are. */
    public static final SettingSpec<EngineHosting.DataPlace> DEVICE_DATA = here(SettingSpec.choice("device-data", "sent",
            "where devices on nodes of a cluster have their images from: sent (from this machine, once to a node) or held (from folders of "
            + "the nodes, which say whose they have; images never leave them)", EngineHosting.DataPlace.class).changeable());
    /** Heap of a device process in MiB; empty: as much as the plan needs. */
    public static final SettingSpec<Optional<Integer>> DEVICE_MEMORY = here(SettingSpec.of("device-memory", "auto", "MiB",
            "heap of a device process (for example 48MiB), planned against before anything is "
            + "allocated; auto: what the plan needs and a fifth more", () -> "an amount of memory such as 48MiB, at least 1MiB",
            Setting::mebibytes).orWord("auto").changeable());
    /** Deadline of a device process. */
    public static final SettingSpec<Integer> DEVICE_TIMEOUT = here(SettingSpec.whole("device-timeout", "600",
            "wall time a device process, or a node of a cluster, has for an answer; a process that is later loses its turn, a node's "
            + "turn is given to another", new Whole(1, MOST_WHOLE, "s")).changeable());
    /** Processes that devices share. */
    public static final SettingSpec<Integer> DEVICE_PROCESSES = here(SettingSpec.whole("device-processes", "0",
            "with devices-on = process, processes that all devices share: a device is restored in whichever is free; as many as devices: "
            + "each keeps its own; 0: as many as work at the same time (slots). Results do not depend on it",
            new Whole(0, MOST_WHOLE, "processes")).changeable());
    /** A slower device to simulate the time of. */
    public static final SettingSpec<Optional<DeviceProfile>> DEVICE_PROFILE = here(SettingSpec.of("device-profile", "none", "",
            "with devices-on = process, a slower device to simulate the time of from what was measured, for example " + DeviceProfile.FORM,
            () -> DeviceProfile.FORM, text -> Optional.of(DeviceProfile.parse(text))).orWord("none").changeable());

    private Setting() {
    }

    /** {@return those that stand here, in the order of files and lists} */
    static List<SettingSpec<?>> declared() {
        return List.copyOf(HERE);
    }

    private static <T> SettingSpec<T> here(SettingSpec<T> setting) {
        HERE.add(setting);
        return setting;
    }

    /** An architecture that runs can train, by its key. */
    private static Architecture classifier(String key) {
        Architecture architecture = Architecture.ofKey(key);
        if (!architecture.classifies()) {
            throw new IllegalArgumentException("the architecture '" + key + "' does not classify images, as runs need; those that do are "
                    + Architecture.classifiers());
        }
        return architecture;
    }

    /** An amount of memory, {@code 48MiB} or {@code 1GiB}, or a bare number of MiB. */
    private static Optional<Integer> mebibytes(String text) {
        Matcher matcher = MEMORY.matcher(text);
        return matcher.matches() ? Optional.of(Integer.parseInt(matcher.group(1)) * ("GiB".equals(matcher.group(2)) ? 1024 : 1))
                : Optional.empty();
    }
}

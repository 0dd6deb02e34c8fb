package dev.fedtiny.experiment;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.federation.DeviceClasses;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.DeviceRate;
import dev.fedtiny.method.FinalRecalibration;
import dev.fedtiny.method.InitialValues;
import dev.fedtiny.method.LocalPlan;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.PretrainingPlan;
import dev.fedtiny.method.Privacy;
import dev.fedtiny.method.Reliability;
import dev.fedtiny.method.RoundSchedule;
import dev.fedtiny.method.ServerOptimizer;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.privacy.GaussianMechanism;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import dev.fedtiny.settings.SettingValues;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Network and training of a run, as its settings say; {@link SettingConflicts} has looked at them.
 *
 * @param values of all settings
 */
record RunPlan(SettingValues values) {
    private static final Numbers.Decimal RATE = new Numbers.Decimal(0, false, Numbers.MOST_DECIMAL, "");
    private static final double USUAL_SERVER_ADAM_RATE = 0.01;
    private static final Numbers.Decimal ZERO = new Numbers.Decimal(0, true, 0, "");

    /** How much of the model devices hold. */
    DeviceClasses classes() {
        if (values.get(Setting.DEVICE_CLASSES).isEmpty()) {
            return DeviceClasses.NONE;
        }
        try {
            return values.get(Setting.DEVICE_CLASSES).get().of(values.get(Setting.DEVICES));
        } catch (IllegalArgumentException e) {
            throw values.wrong(Setting.DEVICE_CLASSES, "other classes: " + e.getMessage());
        }
    }

    /** What is hidden of devices. */
    private Privacy privacy() {
        return values.get(Setting.SECURE_AGGREGATION) == Choices.Switch.OFF ? Privacy.NONE
                : new Privacy(Optional.of(new SecureAggregation(values.get(Setting.SECURE_NEIGHBOURS), values.get(Setting.SECURE_THRESHOLD),
                        Math.max(SecureAggregation.LEAST_DEVICES, values.get(Setting.MIN_REPORTERS)))));
    }

    /** Clip and noise of differential privacy; empty: none. */
    Optional<GaussianMechanism> noise() {
        double noise = values.get(Setting.DP_NOISE);
        int devices = values.get(Setting.DEVICES);
        return noise == 0 ? Optional.empty() : Optional.of(new GaussianMechanism(values.get(Setting.DP_CLIP), noise,
                (double) wanted() / devices, wanted(), values.get(Setting.DP_DELTA)));
    }

    /** Wall time of a round. */
    private Optional<Duration> timeout() {
        double seconds = values.get(Setting.ROUND_TIMEOUT);
        return seconds == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(Math.max(1, Math.round(1e9 * seconds))));
    }

    /** Devices whose answers a round wants. */
    int wanted() {
        int sample = values.get(Setting.SAMPLE);
        return sample == 0 ? values.get(Setting.DEVICES) : sample;
    }

    /** How devices fail in a simulation. */
    Reliability reliability() {
        double deadline = values.get(Setting.DEADLINE);
        DeviceRate speed = rate(Setting.DEVICE_SPEED);
        DeviceRate bandwidth = rate(Setting.DEVICE_BANDWIDTH);
        if (deadline > 0 && speed instanceof DeviceRate.Unlimited && bandwidth instanceof DeviceRate.Unlimited) {
            throw values.wrong(Setting.DEADLINE, "0 as long as device-speed and device-bandwidth are 0: without them no time passes");
        }
        return new Reliability(values.get(Setting.DROPOUT), deadline == 0 ? Double.POSITIVE_INFINITY : deadline, speed, bandwidth,
                values.get(Setting.MIN_REPORTERS), values.get(Setting.ON_TOO_FEW), values.get(Setting.MAX_REPEATS));
    }

    /** {@code 0}, one number, one a device, or {@code least..most}. */
    private DeviceRate rate(SettingSpec<String> setting) {
        String text = values.get(setting);
        int devices = values.get(Setting.DEVICES);
        int dots = text.indexOf("..");
        boolean range = dots >= 0;
        List<OptionalDouble> rates = Arrays.stream(range ? new String[] {text.substring(0, dots), text.substring(dots + 2)}
                : text.split(",", -1)).map(RATE::read).toList();
        if (!range && ZERO.holds(text)) {
            return new DeviceRate.Unlimited();
        }
        if (rates.stream().allMatch(OptionalDouble::isPresent)) {
            List<Double> figures = rates.stream().map(OptionalDouble::getAsDouble).toList();
            if (range && figures.getFirst() <= figures.getLast()) {
                return new DeviceRate.LogUniform(figures.getFirst(), figures.getLast());
            }
            if (!range && (figures.size() == 1 || figures.size() == devices)) {
                return new DeviceRate.Given(figures);
            }
        }
        throw values.wrong(setting, "0, one number above 0, " + devices + " of them (one a device, comma-separated), or LEAST..MOST, each "
                + "at most " + Numbers.MOST_DECIMAL);
    }

    /** Bounds on what devices answer, and how it is put together. */
    Robustness robustness() {
        Aggregation aggregation = switch (values.get(Setting.AGGREGATION)) {
            case MEAN -> new Aggregation.Mean();
            case CLIPPED_MEAN -> new Aggregation.ClippedMean(values.get(Setting.CLIP_NORM));
            case TRIMMED_MEAN -> new Aggregation.TrimmedMean(values.get(Setting.TRIM_SHARE));
            case MEDIAN -> new Aggregation.Median();
        };
        if (values.get(Setting.DP_NOISE) > 0) {
            if (values.get(Setting.DP_NOISE) < GaussianMechanism.LEAST_NOISE) {
                throw values.wrong(Setting.DP_NOISE, "0, or at least " + GaussianMechanism.LEAST_NOISE);
            }
            aggregation = new Aggregation.PrivateMean(noise().orElseThrow());
        }
        double bound = values.get(Setting.UPDATE_BOUND);
        if (bound > 0 && bound <= 1) {
            throw values.wrong(Setting.UPDATE_BOUND, "0, or a number above 1");
        }
        return new Robustness(aggregation, bound == 0 ? Double.POSITIVE_INFINITY : bound, values.get(Setting.SELECTION_VOTE),
                Robustness.USUAL_MAXIMUM_SAMPLES);
    }

    private Optimizer optimizer() {
        double decay = values.get(Setting.WEIGHT_DECAY);
        return switch (values.get(Setting.OPTIMIZER)) {
            case SGD -> new Sgd(values.get(Setting.MOMENTUM), decay);
            case ADAM -> Adam.amsgrad(decay);
        };
    }

    /** How the server takes what it put together; empty: as it is. */
    private Optional<ServerOptimizer> server() {
        double momentum = values.get(Setting.SERVER_MOMENTUM);
        Optional<Double> rate = values.get(Setting.SERVER_LEARNING_RATE);
        return switch (values.get(Setting.SERVER_OPTIMIZER)) {
            case AVERAGE -> Optional.empty();
            case MOMENTUM -> Optional.of(new ServerOptimizer(new Sgd(momentum, 0), rate.orElse(1.0)));
            case ADAM -> Optional.of(new ServerOptimizer(new Adam(momentum, values.get(Setting.SERVER_BETA2),
                    values.get(Setting.SERVER_EPSILON), 0, false), rate.orElse(USUAL_SERVER_ADAM_RATE)));
        };
    }

    private LearningRateSchedule schedule() {
        double first = values.get(Setting.LEARNING_RATE);
        double last = values.get(Setting.LEARNING_RATE_LAST);
        return switch (values.get(Setting.SCHEDULE)) {
            case EXPONENTIAL -> new LearningRateSchedule.Exponential(first, last);
            case COSINE -> new LearningRateSchedule.Cosine(first, last);
            case CONSTANT -> new LearningRateSchedule.Constant(first);
        };
    }

    private Augmentation augmentation(Dataset images) {
        Augmentation augmentation = switch (values.get(Setting.AUGMENT)) {
            case AUTO -> images.kind().augmentation();
            case NONE -> Augmentation.NONE;
            case CROP -> Augmentation.CROP;
            case CROP_MIRROR -> Augmentation.CROP_AND_MIRROR;
        };
        int cutout = values.get(Setting.CUTOUT);
        return cutout > 0 ? augmentation.withCutout(cutout) : augmentation;
    }

    Network network(Dataset images, Method method) {
        return network(images, method, initialModel(images));
    }

    /** What the run begins with; empty: values drawn from the seed. */
    private Optional<ModelState> initialModel(Dataset images) {
        return values.get(Setting.INIT).map(file -> new InitialModel(Path.of(file)).read(images, () -> named(images)));
    }

    /** The network that the settings name; some take images of some shapes alone. */
    private Network built(Dataset images) {
        NetworkSpec spec = named(images);
        try {
            return spec.build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("model = " + spec.architecture().key() + " cannot take images of " + spec.input() + ": "
                    + e.getMessage(), e);
        }
    }

    /** What the settings say of the network. */
    private NetworkSpec named(Dataset images) {
        int classes = values.get(Setting.CLASSES).orElse(images.classes());
        if (classes < images.classes()) {
            throw values.wrong(Setting.CLASSES, "at least " + images.classes() + ", as many as the data has");
        }
        return new NetworkSpec(values.get(Setting.MODEL), new Shape(images.channels(), images.height(), images.width()),
                values.get(Setting.WIDTH), classes);
    }

    private Network network(Dataset images, Method method, Optional<ModelState> initial) {
        Network network = initial.map(ModelState::network).orElseGet(() -> built(images));
        if (values.get(Setting.FIRST_CONV_PRUNABLE)) {
            network = network.withPruning(network.parameters().stream()
                    .filter(parameter -> parameter.kind() == Parameter.Kind.CONVOLUTION_WEIGHT).findFirst()
                    .orElseThrow(() -> values.wrong(Setting.FIRST_CONV_PRUNABLE, "false: the network has no convolution")).name());
        }
        if (!values.get(Setting.LAST_LINEAR_PRUNABLE)) {
            List<Parameter> parameters = network.parameters();
            for (int p = parameters.size() - 1; p >= 0; p--) {
                if (parameters.get(p).kind() == Parameter.Kind.LINEAR_WEIGHT) {
                    network = network.withoutPruning(parameters.get(p).name());
                    break;
                }
            }
        }
        // Before any work is done: a density that leaves a layer without a weight.
        LayerCounts.budget(LayerCounts.sizes(network), method.promise().density());
        for (DeviceClass one : classes().all()) {
            LayerCounts.budget(LayerCounts.sizes(network), one.density());
        }
        return network;
    }

    TrainingPlan plan(Dataset images, Method method) {
        Optional<ModelState> initial = initialModel(images);
        Network network = network(images, method, initial);
        if (values.get(Setting.RECALIBRATE_LAST)) {
            FinalRecalibration.refusal(network).ifPresent(reason -> {
                throw values.wrong(Setting.RECALIBRATE_LAST, "false: " + reason);
            });
        }
        AlgorithmSetting algorithms = AlgorithmSetting.of(values.get(Setting.FORMATS)).check(network);
        SessionOptions sessions = BatchLoader.options(SessionOptions.DEFAULT.withAlgorithms(algorithms.choice())
                .withActivations(values.get(Setting.ACTIVATIONS)), images, augmentation(images));
        PretrainingPlan pretraining = new PretrainingPlan(values.get(Setting.PRETRAIN_EPOCHS), values.get(Setting.PRETRAIN_BATCH),
                values.get(Setting.PRETRAIN_LEARNING_RATE),
                initial.map(InitialValues::of).orElseGet(() -> InitialValues.drawn(values.get(Setting.ZERO_GAMMA))),
                values.get(Setting.PRETRAIN_AUGMENT) ? augmentation(images) : Augmentation.NONE);
        RoundSchedule rounds = new RoundSchedule(values.get(Setting.ROUNDS), wanted(), schedule(),
                values.get(Setting.OVER_SELECT), timeout(), server());
        LocalPlan local = new LocalPlan(values.get(Setting.EPOCHS), values.get(Setting.BATCH), optimizer(), augmentation(images), sessions,
                values.get(Setting.FEDPROX_MU), values.get(AdjustmentSettings.GROWTH_BATCH), classes());
        return new TrainingPlan(network, values.get(Setting.SEED), rounds, local, pretraining, reliability(), robustness(), privacy());
    }
}

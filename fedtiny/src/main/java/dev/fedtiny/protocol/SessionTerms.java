package dev.fedtiny.protocol;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.Normalization;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.NetworkJson;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.FiniteCheck;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.AdamW;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.RmsProp;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a device is told once, when it joins: everything but its data, so that it needs no file of the experiment. It travels as JSON in
 * UTF-8, of which a device believes nothing before it is checked. Which algorithms compute layers travels by name, since what is fastest
 * differs between machines while the bits do not; tasks that a device can do are its own.
 *
 * @param network the network, layer by layer
 * @param settings of the device's work
 * @param metering whether its work is measured
 * @param images the figures that the run's images are normalised by; empty where the device's own are right, or the server says none
 */
public record SessionTerms(Network network, DeviceSettings settings, Metering metering, Optional<Normalization> images) {
    /** The most bytes of terms that are read. */
    public static final int MAXIMUM_BYTES = 8 << 20;

    private static final String FORMAT = "fedtiny.session";
    private static final long VERSION = 1;
    /** Of terms that name a growth batch: a device that knows none would answer with other gradients. */
    private static final long VERSION_WITH_GROWTH_BATCH = 2;
    private static final String GROWTH_BATCH = "growthBatch";
    private static final String IMAGES = "images";
    private static final JsonLimits LIMITS = new JsonLimits(MAXIMUM_BYTES, 8, 10_000);
    /** The policies that have a name: the same wherever they are read. */
    private static final Map<String, AlgorithmPolicy> POLICIES = Map.of("auto", AlgorithmPolicy.AUTOMATIC, "direct", AlgorithmPolicy.DIRECT,
            "winograd", AlgorithmPolicy.TRANSFORMED);

    /** Checks that nothing is missing. */
    public SessionTerms {
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(metering, "metering");
        Objects.requireNonNull(images, "images");
    }

    /**
     * Terms that say nothing of images.
     *
     * @param network the network, layer by layer
     * @param settings of the device's work
     * @param metering whether its work is measured
     */
    public SessionTerms(Network network, DeviceSettings settings, Metering metering) {
        this(network, settings, metering, Optional.empty());
    }

    /**
     * The terms as they travel: the same bytes for the same terms.
     *
     * @return JSON in UTF-8
     * @throws IllegalArgumentException if the optimiser or the choice of algorithms is one that no device of another program knows
     */
    public byte[] encode() {
        SessionOptions sessions = settings.sessions();
        Augmentation augmentation = settings.augmentation();
        JsonObject.Builder terms = JsonObject.builder().put("format", FORMAT)
                .put("version", settings.growthBatch() == 0 ? VERSION : VERSION_WITH_GROWTH_BATCH);
        if (settings.growthBatch() > 0) {
            terms.put(GROWTH_BATCH, settings.growthBatch());
        }
        terms.put("seed", settings.seed())
                .put("optimizer", optimizer(settings.optimizer())).put("proximal", settings.proximal())
                .put("augmentation", JsonObject.builder().put("cropPadding", augmentation.cropPadding())
                        .put("mirroring", word(augmentation.mirroring())).put("cutoutSize", augmentation.cutoutSize()).build())
                .put("development", JsonObject.builder().put("fraction", settings.development().fraction())
                        .put("minimumSamples", settings.development().minimumSamples()).build())
                .put("algorithms", algorithms(sessions.algorithms()))
                .put("inputGradient", word(sessions.inputGradient()))
                .put("activations", word(sessions.activations()))
                .put("finiteCheck", word(sessions.finiteCheck()))
                .put("metering", word(metering));
        settings.secure().ifPresent(rules -> terms.put("secureAggregation", JsonObject.builder().put("neighbours", rules.neighbours())
                .put("threshold", rules.threshold()).put("smallest", rules.smallest()).build()));
        images.ifPresent(figures -> terms.put(IMAGES, ImageFigures.json(figures)));
        return JsonWriter.compact(terms.put("network", NetworkJson.write(network)).build()).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link #encode} wrote, trusting nothing.
     *
     * @param bytes as they came
     * @param tasks what the device can do
     * @return the terms
     * @throws ProtocolException if they are none, or of another version
     */
    public static SessionTerms decode(byte[] bytes, Kinds<TaskKind> tasks) {
        try {
            if (!(JsonReader.parse(bytes, LIMITS) instanceof JsonObject terms)) {
                throw new IllegalArgumentException("expected an object");
            }
            long version = terms.integer("version");
            if (!terms.string("format").equals(FORMAT) || version != VERSION && version != VERSION_WITH_GROWTH_BATCH) {
                throw new IllegalArgumentException("they are '" + terms.string("format") + "' of version " + version
                        + ", expected '" + FORMAT + "' of version " + VERSION + " or " + VERSION_WITH_GROWTH_BATCH
                        + "; run the same release on server and devices");
            }
            JsonObject crop = terms.object("augmentation");
            JsonObject development = terms.object("development");
            SessionOptions sessions = SessionOptions.DEFAULT.withAlgorithms(algorithms(terms.string("algorithms")))
                    .withInputGradient(constant(InputGradient.class, terms, "inputGradient"))
                    .withActivations(constant(ActivationStorage.class, terms, "activations"))
                    .withFiniteCheck(constant(FiniteCheck.class, terms, "finiteCheck"));
            DeviceSettings settings = new DeviceSettings(terms.integer("seed"), optimizer(terms.object("optimizer")),
                    new Augmentation(whole(crop, "cropPadding"), constant(Augmentation.Mirroring.class, crop, "mirroring"),
                            whole(crop, "cutoutSize")),
                    new DevelopmentSplit(development.number("fraction"), whole(development, "minimumSamples")), sessions,
                    new Orders(tasks, secure(terms)), terms.number("proximal"), version == VERSION ? 0 : whole(terms, GROWTH_BATCH));
            return new SessionTerms(NetworkJson.read(terms.string("network")), settings, constant(Metering.class, terms, "metering"),
                    terms.find(IMAGES).isEmpty() ? Optional.empty() : Optional.of(ImageFigures.of(terms.object(IMAGES))));
        } catch (JsonException e) {
            throw wrong(e.problem() + " (at byte " + e.byteOffset() + ")", e);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw wrong(e.getMessage(), e);
        }
    }

    /** Servers of releases without secure aggregation say nothing of it. */
    private static Optional<SecureAggregation> secure(JsonObject terms) {
        if (terms.find("secureAggregation").isEmpty()) {
            return Optional.empty();
        }
        JsonObject rules = terms.object("secureAggregation");
        return Optional.of(new SecureAggregation(whole(rules, "neighbours"), rules.number("threshold"), whole(rules, "smallest")));
    }

    private static ProtocolException wrong(String what, RuntimeException cause) {
        return (ProtocolException) new ProtocolException(Fault.CONTENT, "terms of the session: " + what).initCause(cause);
    }

    private static JsonObject optimizer(Optimizer optimizer) {
        return switch (optimizer) {
            case Sgd sgd -> JsonObject.builder().put("kind", "sgd").put("momentum", sgd.momentum()).put("dampening", sgd.dampening())
                    .put("weightDecay", sgd.weightDecay()).put("nesterov", sgd.nesterov()).build();
            case Adam adam -> adam("adam", adam).build();
            case AdamW adam -> adam("adamw", adam.adam()).put("decay", adam.weightDecay()).build();
            case RmsProp rms -> JsonObject.builder().put("kind", "rmsprop").put("alpha", rms.alpha()).put("epsilon", rms.epsilon())
                    .put("weightDecay", rms.weightDecay()).put("momentum", rms.momentum()).put("centered", rms.centered()).build();
            default -> throw new IllegalArgumentException("the optimiser " + optimizer + " is known to this program alone, expected one of "
                    + "Sgd, Adam, AdamW and RmsProp: devices of other programs must do the same steps");
        };
    }

    private static JsonObject.Builder adam(String kind, Adam adam) {
        return JsonObject.builder().put("kind", kind).put("beta1", adam.beta1()).put("beta2", adam.beta2())
                .put("epsilon", adam.epsilon()).put("weightDecay", adam.weightDecay()).put("amsgrad", adam.amsgrad());
    }

    private static Optimizer optimizer(JsonObject told) {
        return switch (told.string("kind")) {
            case "sgd" -> new Sgd(told.number("momentum"), told.number("dampening"), told.number("weightDecay"), told.bool("nesterov"));
            case "adam" -> adam(told);
            case "adamw" -> new AdamW(adam(told), told.number("decay"));
            case "rmsprop" -> new RmsProp(told.number("alpha"), told.number("epsilon"), told.number("weightDecay"),
                    told.number("momentum"), told.bool("centered"));
            default -> throw new IllegalArgumentException("the optimiser is '" + told.string("kind")
                    + "', expected sgd, adam, adamw or rmsprop");
        };
    }

    private static Adam adam(JsonObject told) {
        return new Adam(told.number("beta1"), told.number("beta2"), told.number("epsilon"), told.number("weightDecay"),
                told.bool("amsgrad"));
    }

    /** A table was measured on the machine of the server: a device takes its own choice of the same bits. */
    private static String algorithms(AlgorithmPolicy policy) {
        for (Map.Entry<String, AlgorithmPolicy> known : POLICIES.entrySet()) {
            if (known.getValue().equals(policy)) {
                return known.getKey();
            }
        }
        return switch (policy) {
            case AlgorithmPolicy.Always always -> word(always.algorithm());
            case AlgorithmPolicy.Measured _, AlgorithmPolicy.BreakEven _ -> "direct";
            case AlgorithmPolicy.Transformed other -> throw new IllegalArgumentException("the choice of algorithms '" + other
                    + "' rounds in its own way and has no name, expected one of " + POLICIES.keySet());
        };
    }

    private static AlgorithmPolicy algorithms(String word) {
        AlgorithmPolicy known = POLICIES.get(word);
        if (known != null) {
            return known;
        }
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            if (word(algorithm).equals(word)) {
                return new AlgorithmPolicy.Always(algorithm);
            }
        }
        throw new IllegalArgumentException("the choice of algorithms is '" + word + "', expected one of " + POLICIES.keySet() + " and "
                + ConvolutionAlgorithm.STORED);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static <E extends Enum<E>> E constant(Class<E> type, JsonObject object, String name) {
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(object.string(name))) {
                return constant;
            }
        }
        throw new IllegalArgumentException(name + " is '" + object.string(name) + "', which is none of this release");
    }

    private static int whole(JsonObject object, String name) {
        return Math.toIntExact(object.integer(name));
    }
}

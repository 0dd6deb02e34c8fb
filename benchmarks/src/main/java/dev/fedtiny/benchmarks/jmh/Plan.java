package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One set of JMH parameters whose every combination is timed.
 *
 * @param benchmark class whose methods are run
 * @param kernels what the JVM is started with
 * @param parameters values by parameter, {@code kernels} among them
 */
record Plan(String benchmark, String kernels, Map<String, String[]> parameters) {
    private static final String[] DENSITIES = {"1", "0.5", "0.2", "0.1", "0.05", "0.02", "0.01", "0.001"};
    private static final String[] QUICK_DENSITIES = {"0.1", "0.01"};
    /** Where convolutions, which most time goes to, have been timed at two densities already. */
    private static final String[] QUICK_DENSITY = {"0.1"};
    private static final String[] MASK_DENSITIES = {"0.1", "0.01"};
    private static final String[] BITMASK_DENSITIES = {"0.5", "0.1", "0.01"};
    /** An early stage of large maps and a late one of many channels. */
    private static final String[] QUICK_LAYERS = {"resnet18/layer1.0.conv1", "resnet18/layer3.0.conv2"};

    /** Whether Winograd's transform has a form for a layer. */
    private static boolean isTransformed(String layer) {
        Conv2dGeometry geometry = LayerShape.ofKey(layer).geometry();
        return new AlgorithmPolicy.Transformed(AlgorithmPolicy.DIRECT, Set.of(Mode.TRAINING), 0, 1)
                .choose(geometry, geometry.weights(), Mode.TRAINING) == ConvolutionAlgorithm.WINOGRAD;
    }

    /** Everything the options ask for: no form of weights is timed at densities it is not meant for unless told to. */
    static List<Plan> all(Options options) {
        boolean quick = options.has("quick");
        String processors = Integer.toString(Runtime.getRuntime().availableProcessors());
        String[] threads = options.list("threads", quick || processors.equals("1") ? new String[] {processors}
                : new String[] {"1", processors});
        String[] models = options.list("models", quick ? new String[] {"resnet18"} : LayerShape.MODELS.toArray(String[]::new));
        String[] all = options.list("layers", Stream.concat(quick ? Arrays.stream(QUICK_LAYERS) : Arrays.stream(models)
                .flatMap(m -> LayerShape.distinct(m).stream()).map(LayerShape::key), LinearShape.all().stream().map(LinearShape::key)
                .filter(key -> Arrays.stream(models).anyMatch(m -> key.startsWith(m + "/")))).toArray(String[]::new));
        String[] linear = Arrays.stream(all).filter(LinearShape::has).toArray(String[]::new);
        String[] layers = Arrays.stream(all).filter(key -> !LinearShape.has(key)).toArray(String[]::new);
        Arrays.stream(layers).forEach(LayerShape::ofKey);
        String[] densities = options.list("densities", quick ? QUICK_DENSITIES : DENSITIES);
        List<Plan> plans = new ArrayList<>();
        for (String kernels : options.list("kernels", "simd")) {
            Map<String, String[]> common = new LinkedHashMap<>();
            common.put("kernels", new String[] {kernels});
            common.put("batch", options.list("batch", "64"));
            common.put("threads", threads);
            for (String algorithm : options.constants("formats", quick ? new String[] {"csr", "dense"}
                    : new String[] {"csr", "dense", "bitmask"})) {
                for (String mask : options.constants("masks", quick ? new String[] {"uniform"}
                        : new String[] {"uniform", "magnitude", "skewed"})) {
                    boolean uniform = mask.equals("UNIFORM");
                    if (!uniform && !algorithm.equals("CSR") && !options.has("masks")) {
                        continue;
                    }
                    Map<String, String[]> weights = new LinkedHashMap<>(common);
                    weights.put("format", new String[] {algorithm});
                    weights.put("mask", new String[] {mask});
                    weights.put("density", options.has("densities") ? densities : switch (algorithm) {
                        case "DENSE", "WINOGRAD" -> new String[] {"1"};
                        case "BITMASK" -> BITMASK_DENSITIES;
                        default -> uniform ? densities : MASK_DENSITIES;
                    });
                    boolean transformed = algorithm.equals("WINOGRAD");
                    Map<String, String[]> ofLinear = new LinkedHashMap<>(weights);
                    if (algorithm.equals("CSR") && quick && !options.has("densities")) {
                        ofLinear.put("density", QUICK_DENSITY);
                    }
                    add(plans, "LinearBenchmark", kernels, ofLinear, transformed ? new String[0] : linear);
                    weights.put("residence", options.constants("residence", "scratch"));
                    add(plans, "ConvolutionBenchmark", kernels, weights, transformed
                            ? Arrays.stream(layers).filter(Plan::isTransformed).toArray(String[]::new) : layers);
                }
            }
            // Passes without weights differ less by layer: one of the quick layers, so that all of them fit into ten minutes.
            String[] maps = quick ? Arrays.copyOf(layers, Math.min(1, layers.length)) : layers;
            add(plans, "ElementwiseBenchmark", kernels, common, maps);
            Map<String, String[]> stored = new LinkedHashMap<>(common);
            stored.put("storage", quick ? new String[] {"bfloat16"} : new String[] {"float32", "bfloat16"});
            add(plans, "StorageBenchmark", kernels, stored, maps);
            add(plans, "PoolBenchmark", kernels, common, maps);
            add(plans, "OperatorBenchmark", kernels, common, maps);
            add(plans, "PixelBenchmark", kernels, common, maps);
            Map<String, String[]> networks = new LinkedHashMap<>(common);
            networks.put("model", models);
            networks.put("density", quick && !options.has("densities") ? QUICK_DENSITY : densities);
            plans.add(new Plan("NetworkBenchmark", kernels, networks));
        }
        return plans;
    }

    private static void add(List<Plan> plans, String benchmark, String kernels, Map<String, String[]> parameters, String[] layers) {
        if (layers.length > 0) {
            Map<String, String[]> own = new LinkedHashMap<>(parameters);
            own.put("layer", layers);
            plans.add(new Plan(benchmark, kernels, own));
        }
    }
}

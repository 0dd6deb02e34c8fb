package dev.fedtiny.benchmarks.check;

import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The optimiser that a reference file was computed with: named as in {@code torch.optim}, with that module's names and defaults for the
 * settings. What the engine has no counterpart of is refused by name.
 *
 * @param optimizer the engine's
 * @param learningRate of every step
 */
record OptimizerSettings(Optimizer optimizer, double learningRate) {
    private static final Map<String, String> NOT_IN_SGD = Map.of("dampening", "0", "nesterov", "false", "maximize", "false");
    private static final Map<String, String> NOT_IN_ADAM = Map.of("maximize", "false", "decoupled_weight_decay", "false");
    private static final Map<String, String> NOT_IN_STEPS = Map.of("max_norm", "none", "clip_value", "none", "scheduler", "none");
    /** Settings that a file may give for one parameter alone: {@code lr.fc.weight}. */
    private static final Set<String> PER_PARAMETER = Set.of("lr", "weight_decay", "momentum", "betas", "eps", "amsgrad", "dampening",
            "nesterov", "maximize");

    /**
     * Reads them.
     *
     * @throws IOException naming the setting that is missing, malformed or not in the engine
     */
    static OptimizerSettings of(FileSettings settings) throws IOException {
        for (String key : settings.metadata().keySet()) {
            if (key.contains(".") && PER_PARAMETER.contains(key.substring(0, key.indexOf('.')))) {
                throw settings.failure(key, settings.text(key), "one setting for all parameters");
            }
        }
        settings.refuseOthersThan(NOT_IN_STEPS);
        double rate = settings.number("lr");
        if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
            throw settings.failure("lr", settings.text("lr"), "a finite rate of at least 0");
        }
        String text = settings.text("optimizer");
        String name = text.replaceFirst("^torch\\.optim\\.", "").split("[^A-Za-z0-9_]", 2)[0].toLowerCase(Locale.ROOT);
        try {
            return new OptimizerSettings(switch (name) {
                case "sgd" -> sgd(settings);
                case "adam" -> adam(settings);
                default -> throw settings.failure("optimizer", text, "one that the engine has: SGD or Adam");
            }, rate);
        } catch (IllegalArgumentException e) {
            throw new IOException(settings.file() + ": the settings of its optimizer are out of range: " + e.getMessage(), e);
        }
    }

    private static Sgd sgd(FileSettings settings) throws IOException {
        settings.refuseOthersThan(NOT_IN_SGD);
        return new Sgd(settings.number("momentum", 0), settings.number("weight_decay", 0));
    }

    private static Adam adam(FileSettings settings) throws IOException {
        settings.refuseOthersThan(NOT_IN_ADAM);
        double[] betas = betas(settings);
        return new Adam(betas[0], betas[1], settings.number("eps", 1e-8), settings.number("weight_decay", 0), settings.flag("amsgrad"));
    }

    /** Two numbers with a comma, in brackets or not. */
    private static double[] betas(FileSettings settings) throws IOException {
        if (!settings.metadata().containsKey("betas")) {
            return new double[] {settings.number("beta1", 0.9), settings.number("beta2", 0.999)};
        }
        String text = settings.text("betas");
        String[] parts = text.replaceAll("[\\[\\]()\\s]", "").split(",", -1);
        try {
            if (parts.length == 2) {
                return new double[] {Double.parseDouble(parts[0]), Double.parseDouble(parts[1])};
            }
        } catch (NumberFormatException e) {
            // Reported below, as another count is.
        }
        throw settings.failure("betas", text, "two numbers, for example 0.9,0.999");
    }
}

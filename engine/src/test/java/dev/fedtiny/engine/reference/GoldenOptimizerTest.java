package dev.fedtiny.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.AdamW;
import dev.fedtiny.engine.train.ClipByNorm;
import dev.fedtiny.engine.train.GradientClip;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.ParameterGroups;
import dev.fedtiny.engine.train.RmsProp;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.UpdateRule;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every optimiser, parameter groups and clipping on given gradients, step by step against PyTorch's. */
class GoldenOptimizerTest {
    private static final double TOLERANCE = 1e-5;
    private static final List<String> PARAMETERS = List.of("conv.weight", "conv.bias", "fc.weight");

    static List<Path> optimizers() throws IOException, URISyntaxException {
        return GoldenFiles.operators("optim-");
    }

    @Test
    void resourcesHoldEveryOptimizer() throws Exception {
        for (String kind : List.of("sgd-nesterov", "adamw", "adam-amsgrad", "rmsprop", "clip", "groups")) {
            assertTrue(!GoldenFiles.operators("optim-" + kind).isEmpty(), kind);
        }
    }

    /** The parameters of the files, and one between them that joins their shapes and has no gradient. */
    private static Network network() {
        Network.Builder net = Network.builder(new Shape(3, 3, 3)).block("all");
        int joined = net.linear("joint", net.conv2d("conv", 0, 4, 3, 1, 0, true, true), 6, false, false);
        net.linear("fc", joined, 5, false, true);
        return net.build();
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void stepsAsPyTorch(Path path) throws IOException {
        Network network = network();
        try (SafetensorsFile file = SafetensorsFile.open(path);
                Session session = Session.open(initial(file, network), Mode.TRAINING, 1)) {
            Map<String, String> metadata = file.metadata();
            Optimizer.Updater updater = optimizer(metadata).bind(session);
            GradientClip.Clipper clipper = metadata.containsKey("max_norm")
                    ? new ClipByNorm(number(metadata, "max_norm")).bind(session) : null;
            for (int step = 0; step < Integer.parseInt(metadata.get("steps")); step++) {
                session.setImages(new float[27], 1);
                session.forward(1);
                session.backward(new float[5]);
                for (String name : PARAMETERS) {
                    int p = position(network, name);
                    float[] gradient = session.mask(p).gather(file.readFloats("grad." + step + "." + name));
                    System.arraycopy(gradient, 0, session.gradient(p), 0, gradient.length);
                }
                if (clipper != null) {
                    double norm = file.readFloats("norms")[step];
                    assertEquals(norm, clipper.clip(), 1e-6 * norm);
                }
                updater.step(number(metadata, "lr"));
                for (String name : PARAMETERS) {
                    float[] dense = session.state().dense(position(network, name));
                    GoldenFiles.assertClose(file, "after." + step + "." + name, ReferenceNetwork.toDouble(dense), TOLERANCE);
                }
            }
        }
    }

    private static int position(Network network, String name) {
        return network.parameters().stream().map(Parameter::name).toList().indexOf(name);
    }

    private static ModelState initial(SafetensorsFile file, Network network) throws IOException {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            boolean masked = file.find("mask." + parameter.name()).isPresent();
            masks.add(masked ? Mask.ofNonZero(file.readNumbers("mask." + parameter.name())) : Mask.full(parameter.size()));
            values.add(masks.getLast().gather(PARAMETERS.contains(parameter.name()) ? file.readFloats("initial." + parameter.name())
                    : new float[parameter.size()]));
        }
        return ModelState.of(network, masks, values);
    }

    private static Optimizer optimizer(Map<String, String> metadata) {
        UpdateRule base = rule(metadata, "");
        ParameterGroups groups = new ParameterGroups(base);
        Set<String> own = new LinkedHashSet<>();
        for (String name : PARAMETERS) {
            metadata.keySet().stream().filter(key -> key.endsWith("." + name)).forEach(_ -> own.add(name));
        }
        for (String name : own) {
            double factor = setting(metadata, "lr", "." + name) / number(metadata, "lr");
            groups = groups.with(name, rule(metadata, "." + name), factor);
        }
        return own.isEmpty() ? base : groups;
    }

    private static UpdateRule rule(Map<String, String> metadata, String suffix) {
        double decay = setting(metadata, "weight_decay", suffix);
        return switch (metadata.get("optimizer")) {
            case "SGD" -> new Sgd(setting(metadata, "momentum", suffix), setting(metadata, "dampening", suffix), decay,
                    Boolean.parseBoolean(metadata.get("nesterov")));
            case "Adam" -> adam(metadata, decay);
            case "AdamW" -> new AdamW(adam(metadata, 0), decay);
            case "RMSprop" -> new RmsProp(setting(metadata, "alpha", suffix), number(metadata, "eps"), decay,
                    setting(metadata, "momentum", suffix), Boolean.parseBoolean(metadata.get("centered")));
            default -> throw new AssertionError("no optimiser '" + metadata.get("optimizer") + "'");
        };
    }

    private static Adam adam(Map<String, String> metadata, double decay) {
        String[] betas = metadata.get("betas").split(",");
        return new Adam(Double.parseDouble(betas[0]), Double.parseDouble(betas[1]), number(metadata, "eps"), decay,
                Boolean.parseBoolean(metadata.get("amsgrad")));
    }

    private static double setting(Map<String, String> metadata, String key, String suffix) {
        return number(metadata, metadata.containsKey(key + suffix) ? key + suffix : key);
    }

    private static double number(Map<String, String> metadata, String key) {
        return Double.parseDouble(metadata.get(key));
    }
}

package dev.fedtiny.benchmarks.check;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Optimizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A few training steps of a whole network, gradients at pruned positions of the first step included. */
final class TrajectoryCheck {
    private static final double LOSS_TOLERANCE = 2e-3;
    private static final double PARAMETER_TOLERANCE = 5e-3;
    /** Of the first step, before any drift. */
    private static final double FIRST_TOLERANCE = 2e-3;

    private static final Pattern MODEL = Pattern.compile("(ResNet18-CIFAR|VGG11-BN), base width (\\d+)(, one linear classifier)?");

    /** The engine's loss is the mean cross entropy, and batch normalisation is PyTorch's with its defaults. */
    private static final Map<String, String> NOT_IN_LOSS = Map.of("loss", "cross_entropy", "label_smoothing", "0", "class_weight", "none",
            "reduction", "mean", "bn_momentum", "0.1", "bn_eps", "1e-5");

    private final SafetensorsFile file;
    private final FileSettings settings;
    private final List<Deviation> deviations = new ArrayList<>();

    private TrajectoryCheck(SafetensorsFile file) {
        this.file = file;
        this.settings = FileSettings.of(file);
    }

    static List<Deviation> run(SafetensorsFile file) throws IOException {
        TrajectoryCheck check = new TrajectoryCheck(file);
        check.run();
        return check.deviations;
    }

    private Network network() throws IOException {
        String text = settings.metadata().get("model");
        if (text == null) {
            throw new IOException(settings.file() + ": metadata has neither 'op' nor 'model'; this is no reference file");
        }
        Matcher model = MODEL.matcher(text);
        if (!model.matches()) {
            throw settings.failure("model", text, MODEL.toString());
        }
        Architecture architecture = Architecture.ofKey(model.group(1).startsWith("Res") ? "resnet18" : "vgg11-single");
        List<Long> input = file.get("input.0").shape().stream().map(Number::longValue).toList();
        Shape shape = new Shape(Math.toIntExact(input.get(1)), Math.toIntExact(input.get(2)), Math.toIntExact(input.get(3)));
        return new NetworkSpec(architecture, shape, Integer.parseInt(model.group(2)), settings.count("classes", 1)).build();
    }

    private ModelState initial(Network network) throws IOException {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            String mask = "mask." + parameter.name();
            Mask active = file.find(mask).isPresent() ? Mask.ofNonZero(file.readNumbers(mask)) : Mask.full(parameter.size());
            masks.add(active);
            if (file.find("initial." + parameter.name()).isPresent()) {
                values.add(active.gather(file.readFloats("initial." + parameter.name())));
            } else {
                float[] running = new float[parameter.size()];
                java.util.Arrays.fill(running, parameter.kind() == Parameter.Kind.RUNNING_VARIANCE ? 1 : 0);
                values.add(running);
            }
        }
        return ModelState.of(network, masks, values);
    }

    private void run() throws IOException {
        Network network = network();
        int steps = settings.count("steps", 1);
        OptimizerSettings optimizer = OptimizerSettings.of(settings);
        settings.refuseOthersThan(NOT_IN_LOSS);
        float[] losses = new float[steps];
        ModelState trained;
        int batch = Math.toIntExact(file.get("input.0").shape().get(0));
        try (Workers workers = Workers.of(1);
                Session session = Session.open(initial(network), Mode.TRAINING, batch, workers, AlgorithmPolicy.AUTOMATIC)) {
            Optimizer.Updater updater = optimizer.optimizer().bind(session);
            for (int step = 0; step < steps; step++) {
                load(session, step);
                losses[step] = (float) (session.lossSum() / session.count());
                if (step == 0) {
                    compare("logits.0", session.outputs(), FIRST_TOLERANCE);
                    firstGradients(session);
                } else {
                    session.backward();
                }
                updater.step(optimizer.learningRate());
            }
            trained = session.state();
        }
        compare("losses", losses, LOSS_TOLERANCE);
        for (int p = 0; p < network.parameters().size(); p++) {
            String name = "final." + network.parameters().get(p).name();
            if (file.find(name).isPresent()) {
                compare(name, trained.dense(p), PARAMETER_TOLERANCE);
            }
        }
        try (Session session = Session.open(trained, Mode.INFERENCE, batch)) {
            load(session, 0);
            compare("eval_logits", session.outputs(), PARAMETER_TOLERANCE);
        }
    }

    private void load(Session session, int step) throws IOException {
        long[] labels = file.readLongs("labels." + step);
        session.setImages(file.readFloats("input." + step), labels.length);
        for (int i = 0; i < labels.length; i++) {
            session.labels()[i] = Math.toIntExact(labels[i]);
        }
        session.forward(labels.length);
    }

    /** One backward pass with all pruned positions offered: active and pruned together are the dense gradient. */
    private void firstGradients(Session session) throws IOException {
        List<Parameter> parameters = session.network().parameters();
        int[] weights = java.util.stream.IntStream.range(0, parameters.size()).filter(p -> parameters.get(p).kind().isWeight()).toArray();
        TopK[] pruned = new TopK[weights.length];
        for (int i = 0; i < weights.length; i++) {
            pruned[i] = new TopK(session.mask(weights[i]).size() - session.mask(weights[i]).count());
        }
        session.backward(weights, pruned);
        for (int p = 0, weight = 0; p < parameters.size(); p++) {
            if (!parameters.get(p).kind().trainable()) {
                continue;
            }
            float[] dense = session.mask(p).scatter(session.gradient(p));
            if (parameters.get(p).kind().isWeight()) {
                TopK.Entries entries = pruned[weight++].sorted();
                for (int i = 0; i < entries.indices().length; i++) {
                    dense[entries.indices()[i]] = entries.values()[i];
                }
            }
            String name = "grad0." + parameters.get(p).name();
            if (file.find(name).isPresent()) {
                compare(name, dense, FIRST_TOLERANCE);
            }
        }
    }

    private void compare(String tensor, float[] actual, double tolerance) throws IOException {
        deviations.add(Deviation.of(tensor, actual, file.readFloats(tensor), tolerance));
    }
}

package dev.fedtiny.benchmarks.check;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Single operators, each as a network of one layer; weighted ones in every form of the weights. */
final class OperatorCheck {
    private static final double TOLERANCE = 2e-5;

    /** What PyTorch's operators can be asked for and the engine's have no setting for. */
    private static final Map<String, Map<String, String>> NEUTRAL = Map.of(
            "conv2d", Map.of("dilation", "1", "groups", "1", "padding_mode", "zeros"),
            "batch_norm2d", Map.of("momentum", "0.1", "eps", "1e-5", "affine", "true", "track_running_stats", "true"),
            "max_pool2d", Map.of("padding", "0", "dilation", "1", "ceil_mode", "false"),
            "linear + mean cross entropy", Map.of("label_smoothing", "0", "reduction", "mean", "class_weight", "none"));

    private final SafetensorsFile file;
    private final FileSettings settings;
    private final List<Deviation> deviations = new ArrayList<>();

    private OperatorCheck(SafetensorsFile file) {
        this.file = file;
        this.settings = FileSettings.of(file);
    }

    static List<Deviation> run(String op, SafetensorsFile file) throws IOException {
        OperatorCheck check = new OperatorCheck(file);
        check.settings.refuseOthersThan(NEUTRAL.getOrDefault(op, Map.of()));
        switch (op) {
            case "conv2d" -> check.convolution();
            case "batch_norm2d" -> check.batchNorm();
            case "max_pool2d" -> {
                Network.Builder net = Network.builder(check.imageShape());
                net.maxPool2d(0, check.settings.count("kernel", 1), check.settings.count("stride", 1));
                check.plain(net.build());
            }
            case "global_avg_pool2d" -> {
                Network.Builder net = Network.builder(check.imageShape());
                net.globalAveragePool(0);
                check.plain(net.build());
            }
            case "linear + mean cross entropy" -> check.linear();
            default -> throw check.settings.failure("op", op, "conv2d, batch_norm2d, max_pool2d, global_avg_pool2d or "
                    + "linear + mean cross entropy");
        }
        return check.deviations;
    }

    private int extent(String tensor, int dimension) throws IOException {
        return Math.toIntExact(file.get(tensor).shape().get(dimension));
    }

    private int images() throws IOException {
        return extent("x", 0);
    }

    private Shape imageShape() throws IOException {
        return new Shape(extent("x", 1), extent("x", 2), extent("x", 3));
    }

    private void compare(String tensor, float[] actual) throws IOException {
        deviations.add(Deviation.of(tensor, actual, file.readFloats(tensor), TOLERANCE));
    }

    private Session open(Network network, List<Mask> masks, List<float[]> values, Mode mode,
            AlgorithmPolicy algorithms) throws IOException {
        Session session = Session.open(ModelState.of(network, masks, values), mode, images(), Workers.of(1), algorithms,
                mode == Mode.TRAINING ? InputGradient.COMPUTED : InputGradient.NONE);
        session.setImages(file.readFloats("x"), images());
        session.forward(images());
        return session;
    }

    private void plain(Network network) throws IOException {
        try (Session session = open(network, List.of(), List.of(), Mode.TRAINING, AlgorithmPolicy.AUTOMATIC)) {
            compare("y", session.outputs());
            session.backward(file.readFloats("dy"));
            compare("dx", session.inputGradient());
        }
    }

    private void convolution() throws IOException {
        boolean bias = file.find("bias").isPresent();
        Network.Builder net = Network.builder(imageShape()).block("op");
        net.conv2d("op", 0, new Conv2dGeometry(imageShape(), extent("weight", 0), extent("weight", 2), extent("weight", 3),
                settings.count("stride", 1), settings.count("padding", 0)), bias, true);
        Network network = net.build();
        Mask mask = Mask.ofNonZero(file.readNumbers("mask"));
        List<Mask> masks = new ArrayList<>(List.of(mask));
        List<float[]> values = new ArrayList<>(List.of(mask.gather(file.readFloats("weight"))));
        if (bias) {
            masks.add(Mask.full(extent("bias", 0)));
            values.add(file.readFloats("bias"));
        }
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            try (Session session = open(network, masks, values, Mode.TRAINING, new AlgorithmPolicy.Always(algorithm))) {
                compare("y", session.outputs());
                TopK pruned = new TopK(mask.size() - mask.count());
                session.backward(new int[] {0}, new TopK[] {pruned}, file.readFloats("dy"));
                compare("dx", session.inputGradient());
                float[] dense = mask.scatter(session.gradient(0));
                TopK.Entries entries = pruned.sorted();
                for (int i = 0; i < entries.indices().length; i++) {
                    dense[entries.indices()[i]] = entries.values()[i];
                }
                compare("dweight_dense", dense);
                if (bias) {
                    compare("dbias", session.gradient(1));
                }
            }
        }
    }

    private void batchNorm() throws IOException {
        Network.Builder net = Network.builder(imageShape());
        net.batchNorm2d("op", 0);
        Network network = net.build();
        int channels = imageShape().channels();
        List<Mask> masks = List.of(Mask.full(channels), Mask.full(channels), Mask.full(channels), Mask.full(channels));
        List<float[]> values = List.of(file.readFloats("gamma"), file.readFloats("beta"), file.readFloats("running_mean_before"),
                file.readFloats("running_var_before"));
        try (Session session = open(network, masks, values, Mode.TRAINING, AlgorithmPolicy.AUTOMATIC)) {
            compare("y_train", session.outputs());
            compare("running_mean_after", session.values(2));
            compare("running_var_after", session.values(3));
            session.backward(file.readFloats("dy"));
            compare("dx", session.inputGradient());
            compare("dgamma", session.gradient(0));
            compare("dbeta", session.gradient(1));
        }
        try (Session session = open(network, masks, values, Mode.INFERENCE, AlgorithmPolicy.AUTOMATIC)) {
            compare("y_eval", session.outputs());
        }
    }

    private void linear() throws IOException {
        Network.Builder net = Network.builder(Shape.features(extent("x", 1)));
        net.linear("op", 0, extent("weight", 0), true, false);
        Network network = net.build();
        float[] weight = file.readFloats("weight");
        List<Mask> masks = List.of(Mask.full(weight.length), Mask.full(extent("bias", 0)));
        long[] labels = file.readLongs("labels");
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            try (Session session = open(network, masks, List.of(weight, file.readFloats("bias")), Mode.TRAINING,
                    new AlgorithmPolicy.Always(algorithm))) {
                for (int i = 0; i < labels.length; i++) {
                    session.labels()[i] = Math.toIntExact(labels[i]);
                }
                compare("logits", session.outputs());
                compare("loss", new float[] {(float) (session.lossSum() / session.count())});
                session.backward();
                compare("dx", session.inputGradient());
                compare("dweight", session.gradient(0));
                compare("dbias", session.gradient(1));
            }
        }
    }
}

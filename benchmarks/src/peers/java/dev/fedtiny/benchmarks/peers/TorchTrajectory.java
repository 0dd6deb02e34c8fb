package dev.fedtiny.benchmarks.peers;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.manual_seed;
import static org.bytedeco.pytorch.global.torch.rand;
import static org.bytedeco.pytorch.global.torch.randint;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.set_num_threads;

import dev.fedtiny.engine.io.SafetensorsWriter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Makes the trajectories among the engine's test resources: ResNet18 of width 4, pruned, trained by libtorch for ten steps on random
 * images of 8×8 pixels, in the form that {@code bin/benchmarks check} reads: {@code bin/benchmarks trajectories FOLDER}.
 * Starting values and images are rounded to 16 bits beforehand, so that they are exact in half the bytes.
 */
public final class TorchTrajectory {
    private static final int WIDTH = 4;
    private static final int CLASSES = 10;
    private static final int STEPS = 10;
    private static final int BATCH = 8;
    private static final int SIDE = 8;
    private static final double WEIGHT_DECAY = 5e-4;
    /** Short memory, so that AMSGrad's maximum counts within ten steps. */
    private static final double BETA2 = 0.9;

    private final String name;
    private final double rate;
    private final double density;
    private final SafetensorsWriter writer = new SafetensorsWriter();
    private final TorchNetwork network;
    private final Map<String, Tensor> masks = new LinkedHashMap<>();

    private TorchTrajectory(String name, double rate, double density) {
        this.name = name;
        this.rate = rate;
        this.density = density;
        set_num_threads(1);
        manual_seed(20);
        network = TorchNetwork.of(new NetworkSpec(Architecture.RESNET18, new Shape(3, SIDE, SIDE), WIDTH, CLASSES).build(), false);
    }

    /** Argument: the folder for the files. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        new TorchTrajectory("sgd", 0.01, 0.3).run(folder);
        new TorchTrajectory("adam", 0.002, 0.3).run(folder);
    }

    private Optimizer optimizer() {
        writer.metadata("lr", Double.toString(rate)).metadata("weight_decay", Double.toString(WEIGHT_DECAY));
        if (name.equals("sgd")) {
            SGDOptions settings = new SGDOptions(rate);
            settings.momentum().put(0.9);
            settings.weight_decay().put(WEIGHT_DECAY);
            writer.metadata("optimizer", "SGD").metadata("momentum", "0.9").metadata("dampening", "0.0").metadata("nesterov", "false");
            return new SGD(network.parameters(), settings);
        }
        AdamOptions settings = new AdamOptions(rate);
        settings.weight_decay().put(WEIGHT_DECAY);
        settings.amsgrad().put(true);
        // A tuple of C++, whose order in memory is the compiler's choice: β₂ is where its default is.
        settings.betas().put(settings.betas().get(0) == 0.999 ? 0 : 1, BETA2);
        writer.metadata("optimizer", "Adam").metadata("betas", "0.9," + BETA2).metadata("eps", "1e-08").metadata("amsgrad", "true");
        return new Adam(network.parameters(), settings);
    }

    private void run(Path folder) throws IOException {
        writer.metadata("model", "ResNet18-CIFAR, base width " + WIDTH).metadata("classes", Integer.toString(CLASSES))
                .metadata("steps", Integer.toString(STEPS)).metadata("batch", Integer.toString(BATCH))
                .metadata("density", Double.toString(density)).metadata("computed_by", "libtorch " + torch.TORCH_VERSION);
        prune();
        Optimizer optimizer = optimizer();
        float[] losses = new float[STEPS];
        Tensor first = null;
        for (int step = 0; step < STEPS; step++) {
            Tensor images = halved(randn(BATCH, 3, SIDE, SIDE));
            Tensor labels = randint(CLASSES, new long[] {BATCH}, new TensorOptions(torch.ScalarType.Long));
            first = first == null ? images : first;
            half("input." + step, images);
            long[] numbers = new long[BATCH];
            labels.data_ptr_long().get(numbers);
            writer.longs("labels." + step, List.of(BATCH), numbers);
            Tensor logits = network.forward(images);
            Tensor loss = cross_entropy_loss(logits, labels);
            optimizer.zero_grad();
            loss.backward();
            losses[step] = loss.item_float();
            if (step == 0) {
                floats("logits.0", logits);
            }
            // Both files begin alike; the first holds the gradients for both.
            if (step == 0 && name.equals("sgd")) {
                network.named().forEach((key, parameter) -> floats("grad0." + key, parameter.grad()));
            }
            masks.forEach((key, mask) -> network.named().get(key).grad().mul_(mask));
            optimizer.step();
        }
        writer.floats("losses", List.of(STEPS), losses);
        network.named().forEach((key, parameter) -> floats("final." + key, parameter));
        network.statistics().forEach((key, tensor) -> floats("final." + key, tensor));
        network.train(false);
        floats("eval_logits", network.forward(first));
        writer.write(folder.resolve("train-resnet18-w" + WIDTH + "-" + name + ".safetensors"));
    }

    /** Random masks for all but the first convolution; starting values rounded, and zero where pruned. */
    private void prune() {
        network.named().forEach((key, parameter) -> {
            Tensor start = halved(parameter);
            if (parameter.dim() > 1 && !key.equals("conv1.weight")) {
                Tensor mask = rand(parameter.sizes()).lt(new Scalar(density)).to(torch.ScalarType.Float);
                masks.put(key, mask);
                start = start.mul(mask);
                writer.bytes("mask." + key, shape(mask), bytes(mask));
            }
            parameter.detach().copy_(start);
            half("initial." + key, start);
        });
    }

    private static Tensor halved(Tensor tensor) {
        return tensor.detach().to(torch.ScalarType.Half).to(torch.ScalarType.Float);
    }

    private static List<Integer> shape(Tensor tensor) {
        List<Integer> shape = new ArrayList<>();
        for (long i = 0; i < tensor.dim(); i++) {
            shape.add(Math.toIntExact(tensor.size(i)));
        }
        return shape;
    }

    private static float[] values(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.numel())];
        tensor.detach().contiguous().data_ptr_float().get(values);
        return values;
    }

    private static byte[] bytes(Tensor mask) {
        float[] values = values(mask);
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private void floats(String key, Tensor tensor) {
        writer.floats(key, shape(tensor), values(tensor));
    }

    private void half(String key, Tensor tensor) {
        writer.halfFloats(key, shape(tensor), values(tensor));
    }
}

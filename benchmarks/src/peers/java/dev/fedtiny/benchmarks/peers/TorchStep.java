package dev.fedtiny.benchmarks.peers;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.manual_seed;
import static org.bytedeco.pytorch.global.torch.randint;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.set_num_threads;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.report.Repetitions;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * A process of its own: times libtorch's dense training step (forward, cross entropy, backward, SGD with momentum and weight decay) as
 * {@code bin/benchmarks step} times ours, and prints one JSON object.
 */
public final class TorchStep {
    private static final int LEAST_WARM = 3;
    private static final int LEAST_MEASURED = Repetitions.FOR_PERCENTILES;

    private TorchStep() {
    }

    /** Arguments: model, batch, threads, seconds, {@code nchw} or {@code nhwc}. */
    public static void main(String[] arguments) {
        String model = arguments[0];
        int batch = Integer.parseInt(arguments[1]);
        int threads = Integer.parseInt(arguments[2]);
        double seconds = Double.parseDouble(arguments[3]);
        set_num_threads(threads);
        manual_seed(1);
        TorchNetwork network = TorchNetwork.of(model, arguments[4].equals("nhwc"));
        Tensor images = network.arranged(randn(batch, 3, 32, 32));
        Tensor labels = randint(10, new long[] {batch}, new TensorOptions(torch.ScalarType.Long));
        SGDOptions settings = new SGDOptions(1e-3);
        settings.momentum().put(0.9);
        settings.weight_decay().put(1e-4);
        SGD optimizer = new SGD(network.parameters(), settings);
        repeat(network, images, labels, optimizer, LEAST_WARM, seconds / 2);
        double[] millis = repeat(network, images, labels, optimizer, LEAST_MEASURED, seconds);
        Arrays.sort(millis);
        System.out.println(JsonWriter.compact(JsonObject.builder().put("model", model).put("batch", batch).put("threads", threads)
                .put("steps", millis.length).put("parameters", network.parameterCount()).put("medianMillis", percentile(millis, 0.5))
                .put("p10Millis", percentile(millis, 0.1)).put("p90Millis", percentile(millis, 0.9)).build()));
    }

    private static double[] repeat(TorchNetwork network, Tensor images, Tensor labels, SGD optimizer, int least, double seconds) {
        double[] millis = new double[least];
        int count = 0;
        long start = System.nanoTime();
        while (count < least || System.nanoTime() - start < seconds * 1e9) {
            if (count == millis.length) {
                millis = Arrays.copyOf(millis, 2 * count);
            }
            long before = System.nanoTime();
            // What a step makes lives in C++; the scope gives it back without waiting for the garbage collector.
            PointerScope scope = new PointerScope();
            try {
                Tensor loss = cross_entropy_loss(network.forward(images), labels);
                optimizer.zero_grad();
                loss.backward();
                optimizer.step();
                if (!Float.isFinite(loss.item_float())) {
                    throw new IllegalStateException("libtorch: the loss is " + loss.item_float());
                }
            } finally {
                scope.close();
            }
            millis[count++] = (System.nanoTime() - before) / 1e6;
        }
        return Arrays.copyOf(millis, count);
    }

    private static double percentile(double[] sorted, double share) {
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }
}

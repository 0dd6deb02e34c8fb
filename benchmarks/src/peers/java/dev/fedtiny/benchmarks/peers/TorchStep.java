package dev.fedtiny.benchmarks.peers;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.manual_seed;
import static org.bytedeco.pytorch.global.torch.randint;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.set_num_threads;

import dev.fedtiny.engine.model.Network;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * A process of its own: times libtorch's dense training step (forward, cross entropy, backward, SGD with momentum and weight decay) as
 * {@code bin/benchmarks step} times ours.
 */
public final class TorchStep {
    private TorchStep() {
    }

    /** Words as {@link PeerProcess#of} reads them. */
    public static void main(String[] words) {
        PeerProcess process = PeerProcess.of(words);
        set_num_threads(process.threads());
        manual_seed(1);
        Network ours = process.network();
        TorchNetwork network = TorchNetwork.of(ours, process.channelsLast());
        Tensor images = network.arranged(randn(process.batch(), ours.input().channels(), ours.input().height(), ours.input().width()));
        Tensor labels = randint(ours.classes(), new long[] {process.batch()}, new TensorOptions(torch.ScalarType.Long));
        SGDOptions settings = new SGDOptions(1e-3);
        settings.momentum().put(0.9);
        settings.weight_decay().put(1e-4);
        SGD optimizer = new SGD(network.parameters(), settings);
        process.time(() -> step(network, images, labels, optimizer));
    }

    private static void step(TorchNetwork network, Tensor images, Tensor labels, SGD optimizer) {
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
    }
}

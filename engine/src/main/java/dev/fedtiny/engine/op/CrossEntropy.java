package dev.fedtiny.engine.op;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.List;

/** Softmax and the mean cross entropy against labels. */
public final class CrossEntropy {
    private CrossEntropy() {
    }

    /**
     * The loss and its gradient.
     *
     * @param loss mean over the images
     * @param gradient of the mean, as the logits
     */
    public record Result(double loss, Tensor gradient) {
    }

    /**
     * Computes both.
     *
     * @param logits N × classes × 1 × 1
     * @param labels one an image
     * @return the mean loss of the batch and its gradient by the logits
     * @throws IllegalArgumentException if there is not one label an image, or one out of range
     */
    public static Result of(Tensor logits, int[] labels) {
        if (labels.length != logits.images()) {
            throw new IllegalArgumentException("cross entropy: " + labels.length + " labels for " + logits.images() + " images");
        }
        Network network = Network.builder(Shape.features(logits.shape().size())).build();
        SingleLayer layer = new SingleLayer("cross entropy", network, List.of(), List.of(), Mode.TRAINING, AlgorithmPolicy.AUTOMATIC);
        layer.forward(logits);
        Session session = layer.session();
        System.arraycopy(labels, 0, session.labels(), 0, labels.length);
        double loss = session.lossSum() / labels.length;
        session.backward();
        return new Result(loss, layer.inputGradient());
    }
}

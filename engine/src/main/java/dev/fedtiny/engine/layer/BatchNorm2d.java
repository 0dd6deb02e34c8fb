package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Batch normalisation over N, H and W: {@code γ·(x − μ)/√(σ² + ε) + β} a channel (Ioffe and Szegedy, 2015). Inference takes the running
 * statistics for μ and σ²; training takes the batch's, and moves the running ones towards them, or leaves those as they are and takes them.
 *
 * @param name prefix of {@code .weight} (γ), {@code .bias} (β), {@code .running_mean} and {@code .running_var}, each (C)
 * @param source position of the input
 * @param output C × H × W, as the input
 * @param epsilon ε, above 0
 * @param momentum share of a batch's statistics in the running ones, PyTorch's sense of the word; in [0, 1]
 * @param training which statistics training normalises by
 */
public record BatchNorm2d(String name, int source, Shape output, double epsilon, double momentum, Statistics training) implements Layer {
    /** PyTorch's usual ε. */
    public static final double EPSILON = 1e-5;
    /** PyTorch's usual momentum. */
    public static final double MOMENTUM = 0.1;

    static final LayerKind KIND = LayerKind.of("batch_norm2d", 1, (attributes, sources, inputs) -> new BatchNorm2d(attributes.text("name"),
            sources.getFirst(), inputs.getFirst(), attributes.number("epsilon"), attributes.number("momentum"),
            attributes.flag("frozen") ? Statistics.RUNNING : Statistics.BATCH));

    /** What training normalises by. */
    public enum Statistics {
        /** Mean and variance of the batch; the running ones move. */
        BATCH,
        /** The running ones, which stay: "frozen" statistics, for training on few images. */
        RUNNING
    }

    /** Checks ε and momentum. */
    public BatchNorm2d {
        Given.notNull(name, "batch normalisation: name", "what its parameters begin with, such as 'conv1'");
        Given.notNull(output, "batch normalisation: output", "the shape of the output");
        Given.notNull(training, "batch normalisation: training", "BATCH, or RUNNING where statistics stay");
        if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY) || !(momentum >= 0 && momentum <= 1)) {
            throw new IllegalArgumentException("batch normalisation '" + name + "': epsilon " + epsilon + " must be above 0, momentum "
                    + momentum + " in [0, 1]");
        }
    }

    /**
     * With ε 1e-5 and momentum 0.1, PyTorch's defaults, on the batch's statistics in training.
     *
     * @param name prefix of its tensors
     * @param source position of the input
     * @param output C × H × W, as the input
     */
    public BatchNorm2d(String name, int source, Shape output) {
        this(name, source, output, EPSILON, MOMENTUM, Statistics.BATCH);
    }

    @Override
    public String kind() {
        return KIND.key();
    }

    @Override
    public List<Integer> sources() {
        return List.of(source);
    }

    @Override
    public List<Shape> inputs() {
        return List.of(output);
    }

    @Override
    public List<Parameter> parameters() {
        List<Integer> channels = List.of(output.channels());
        return List.of(new Parameter(name + ".weight", Kind.GAMMA, channels, false),
                new Parameter(name + ".bias", Kind.BETA, channels, false),
                new Parameter(name + ".running_mean", Kind.RUNNING_MEAN, channels, false),
                new Parameter(name + ".running_var", Kind.RUNNING_VARIANCE, channels, false));
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY.with("name", name).with("epsilon", epsilon).with("momentum", momentum)
                .with("frozen", training == Statistics.RUNNING);
    }

    @Override
    public BatchNorm2d withSources(List<Integer> sources) {
        return new BatchNorm2d(name, sources.getFirst(), output, epsilon, momentum, training);
    }
}

package dev.fedtiny.engine.onnx;

import java.util.List;

/** What a value of a graph is while the graph is turned into a network. */
sealed interface Term {
    /** In lists of extents, the free number of images. */
    long BATCH = Long.MIN_VALUE;

    /**
     * Numbers that the file holds.
     *
     * @param name the initializer's, or the value's that a node gives it
     * @param tensor where they are
     */
    record Constant(String name, OnnxTensor tensor) implements Term {
        /** The same numbers with other extents. */
        Constant reshaped(List<Long> shape) {
            return new Constant(name, new OnnxTensor(tensor.name(), shape, tensor.type(), tensor.external(), tensor.content()));
        }
    }

    /**
     * A matrix that the file holds, with rows and columns exchanged.
     *
     * @param constant as the file holds it
     */
    record Transposed(Constant constant) implements Term {
    }

    /**
     * Extents that are computed from the shape of an activation, and are known but for the number of images.
     *
     * @param values {@link #BATCH} for that number
     */
    record Extents(List<Long> values) implements Term {
        /** Keeps its own copy. */
        public Extents {
            values = List.copyOf(values);
        }
    }

    /**
     * The output of a layer, seen as a tensor of a number of dimensions: 4 is N,C,H,W; 3 is N,C,L with L the layer's width; 2 is N,F with
     * the layer's channels and pixels flattened in that order.
     *
     * @param layer its position in the network
     * @param rank dimensions, the images' included
     */
    record Activation(int layer, int rank) implements Term {
    }

    /**
     * An activation cut into groups of channels, N x groups x rest, of which exporters normalise each by itself; see
     * {@link SpelledGroupNorm}.
     *
     * @param input what was cut
     * @param number of groups
     * @param norm the node that has normalised them; null before that
     * @param epsilon of that node
     */
    record Groups(Activation input, int number, OnnxModel.Node norm, float epsilon) implements Term {
    }

    /** The output of a node that cannot be taken, for which a reason is noted already. */
    record Unknown() implements Term {
    }
}

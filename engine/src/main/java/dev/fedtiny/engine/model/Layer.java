package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * One node of a {@link Network}. A layer names its sources by their position in the network, always earlier than its own.
 */
public sealed interface Layer {
    /** The shape of the layer's output for one image. */
    Shape output();

    /** Positions of what it reads. */
    List<Integer> sources();

    /** Layers that hold parameters under a {@code state_dict} prefix. */
    sealed interface Named extends Layer {
        /** The prefix, for example {@code layer1.0.conv1}. */
        String name();

        /** Position of the layer's input. */
        int source();

        @Override
        default List<Integer> sources() {
            return List.of(source());
        }
    }

    /**
     * The images.
     *
     * @param output C × H × W
     */
    record Input(Shape output) implements Layer {
        @Override
        public List<Integer> sources() {
            return List.of();
        }
    }

    /**
     * A convolution.
     *
     * @param name prefix of {@code .weight} (K,C,R,S) and {@code .bias} (K)
     * @param source position of the input
     * @param geometry shapes, stride and padding
     * @param bias whether there is a bias
     */
    record Conv2d(String name, int source, Conv2dGeometry geometry, boolean bias) implements Named {
        @Override
        public Shape output() {
            return geometry.output();
        }
    }

    /**
     * Batch normalisation over N, H and W, eps 1e-5, momentum 0.1.
     *
     * @param name prefix of {@code .weight} (γ), {@code .bias} (β), {@code .running_mean} and {@code .running_var}, each (C)
     * @param source position of the input
     * @param output C × H × W, as the input
     */
    record BatchNorm2d(String name, int source, Shape output) implements Named {
    }

    /**
     * max(x, 0).
     *
     * @param source position of the input
     * @param output as the input
     */
    record Relu(int source, Shape output) implements Layer {
        @Override
        public List<Integer> sources() {
            return List.of(source);
        }
    }

    /**
     * Sum of two maps of one shape.
     *
     * @param left position of one input
     * @param right position of the other
     * @param output as the inputs
     */
    record Add(int left, int right, Shape output) implements Layer {
        @Override
        public List<Integer> sources() {
            return List.of(left, right);
        }
    }

    /**
     * Max pooling without padding; an edge that no whole window covers is dropped.
     *
     * @param source position of the input
     * @param input C × H × W
     * @param kernel window height and width
     * @param stride pixels between windows
     */
    record MaxPool2d(int source, Shape input, int kernel, int stride) implements Layer {
        @Override
        public List<Integer> sources() {
            return List.of(source);
        }

        @Override
        public Shape output() {
            return new Shape(input.channels(), (input.height() - kernel) / stride + 1, (input.width() - kernel) / stride + 1);
        }
    }

    /**
     * Mean over H and W.
     *
     * @param source position of the input
     * @param input C × H × W
     */
    record GlobalAveragePool(int source, Shape input) implements Layer {
        @Override
        public List<Integer> sources() {
            return List.of(source);
        }

        @Override
        public Shape output() {
            return Shape.features(input.channels());
        }
    }

    /**
     * A 1 × 1 map repeated to a larger one: what adaptive average pooling does to it.
     *
     * @param source position of the input, C × 1 × 1
     * @param output C × H × W
     */
    record Repeat(int source, Shape output) implements Layer {
        @Override
        public List<Integer> sources() {
            return List.of(source);
        }
    }

    /**
     * Zeroes each value with a probability in training and scales the others by 1 / (1 − p); the identity elsewhere.
     *
     * @param source position of the input
     * @param output as the input
     * @param probability p, in [0, 1)
     */
    record Dropout(int source, Shape output, double probability) implements Layer {
        @Override
        public List<Integer> sources() {
            return List.of(source);
        }
    }

    /**
     * A fully connected layer; an input map is flattened in C,H,W order.
     *
     * @param name prefix of {@code .weight} (out,in) and {@code .bias} (out)
     * @param source position of the input
     * @param inputs values of the input, flattened
     * @param outputs values of the output
     * @param bias whether there is a bias
     */
    record Linear(String name, int source, int inputs, int outputs, boolean bias) implements Named {
        @Override
        public Shape output() {
            return Shape.features(outputs);
        }
    }
}

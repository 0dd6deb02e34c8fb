package dev.fedtiny.engine.onnx;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model as it is written (onnx.proto, ModelProto), before anything in it is understood. Documentation, metadata, shapes of inner values
 * and training information are passed over.
 *
 * @param source what messages call the file
 * @param opset version of the default operator set, 0 where the file names none
 * @param otherOpsets versions of others by domain
 * @param nodes in the order of the file, which computes every value before it is read
 * @param constants initializers by name
 * @param inputs of the graph, constants among them in older files
 * @param outputs of the graph
 */
record OnnxModel(String source, long opset, Map<String, Long> otherOpsets, List<Node> nodes, Map<String, OnnxTensor> constants,
        List<Value> inputs, List<Value> outputs) {
    /**
     * One operation.
     *
     * @param name often empty
     * @param operator for example {@code Conv}
     * @param domain empty for ONNX's own
     * @param inputs names of values; an empty name is an input left out
     * @param outputs names of values
     * @param attributes by name
     */
    record Node(String name, String operator, String domain, List<String> inputs, List<String> outputs,
            Map<String, Attribute> attributes) {
        /** What messages call it: its name, or what it computes where it has none. */
        String text() {
            String named = name.isEmpty() ? outputs.stream().filter(output -> !output.isEmpty()).findFirst().map(o -> " that computes '" + o
                    + "'").orElse("") : " '" + name + "'";
            return operator + named;
        }
    }

    /** A setting of a node. */
    sealed interface Attribute {
        /**
         * A whole number.
         *
         * @param value it
         */
        record Whole(long value) implements Attribute {
        }

        /**
         * A number.
         *
         * @param value it
         */
        record Real(float value) implements Attribute {
        }

        /**
         * Text.
         *
         * @param value it
         */
        record Text(String value) implements Attribute {
        }

        /**
         * Whole numbers.
         *
         * @param values they
         */
        record Wholes(List<Long> values) implements Attribute {
        }

        /**
         * Numbers.
         *
         * @param values they
         */
        record Reals(List<Float> values) implements Attribute {
        }

        /**
         * A constant.
         *
         * @param value it
         */
        record Tensor(OnnxTensor value) implements Attribute {
        }

        /**
         * Anything else: graphs, types, lists of text.
         *
         * @param kind what it is
         */
        record Other(String kind) implements Attribute {
        }
    }

    /**
     * An input or output of the graph.
     *
     * @param name of the value
     * @param type of its elements, empty where the file does not say it
     * @param shape extents, each empty where it is free; empty where there is no shape
     */
    record Value(String name, Optional<OnnxTensor.Type> type, Optional<List<Optional<Long>>> shape) {
    }
}

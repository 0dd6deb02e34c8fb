package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Makes layers of one kind from what a file says of them. Those of the engine are in {@link LayerKinds}; an embedder's are found by
 * {@link java.util.ServiceLoader}.
 */
public interface LayerKind {
    /** {@return what {@link Layer#kind()} says of its layers} */
    String key();

    /**
     * Makes a layer of which {@link Layer#attributes()} equals the attributes given.
     *
     * @param sources positions of what it reads
     * @param inputs their shapes
     * @param attributes what {@link Layer#attributes()} said when the file was written
     * @return the layer
     * @throws IllegalArgumentException if an attribute is missing or impossible, or the inputs do not fit
     */
    Layer read(Attributes attributes, List<Integer> sources, List<Shape> inputs);

    /** What {@link #read} does. */
    @FunctionalInterface
    interface Reader {
        /**
         * Makes a layer; see {@link LayerKind#read}.
         *
         * @param attributes what the layer said of itself
         * @param sources positions of what it reads
         * @param inputs their shapes
         * @return the layer
         */
        Layer read(Attributes attributes, List<Integer> sources, List<Shape> inputs);
    }

    /**
     * A kind of layers with any number of sources.
     *
     * @param key what {@link Layer#kind()} says of its layers
     * @param reader makes them
     * @return the kind
     */
    static LayerKind ofAny(String key, Reader reader) {
        Given.notNull(key, "layer kind: key", "what Layer.kind() says of its layers");
        Given.notNull(reader, "layer kind: reader", "what makes its layers");
        return new LayerKind() {
            @Override
            public String key() {
                return key;
            }

            @Override
            public Layer read(Attributes attributes, List<Integer> sources, List<Shape> inputs) {
                Given.notNull(attributes, "layer kind: attributes", "what the layer said of itself");
                Given.notNull(sources, "layer kind: sources", "positions of what the layer reads");
                Given.notNull(inputs, "layer kind: inputs", "the shapes of its sources");
                return reader.read(attributes, sources, inputs);
            }
        };
    }

    /**
     * A kind of layers with a fixed number of sources.
     *
     * @param inputs how many sources its layers have
     * @param key what {@link Layer#kind()} says of its layers
     * @param reader makes them; gets as many sources and shapes
     * @return the kind, which refuses other numbers of sources
     */
    static LayerKind of(String key, int inputs, Reader reader) {
        Given.notNull(reader, "layer kind: reader", "what makes its layers");
        return ofAny(key, (attributes, sources, shapes) -> {
            if (sources.size() != inputs) {
                throw new IllegalArgumentException("a layer of kind '" + key + "' reads " + inputs + " sources, got " + sources.size());
            }
            return reader.read(attributes, sources, shapes);
        });
    }
}

package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * What an {@link ArrayOperator} sees of its inputs and computes of its output: the whole maps of a layer, or in inference of few images
 * the windows and the tile that a lane holds. Channels are always those of the layer.
 *
 * @param inputs one a source
 * @param output as large a part of the output as those give
 * @param bordered whether what windows read beyond the map's edge is part of the inputs: then there is no padding left to do
 */
public record View(List<Shape> inputs, Shape output, boolean bordered) {
    /** Keeps its own copy of the list. */
    public View {
        Given.notNull(inputs, "view: inputs", "one shape a source");
        Given.notNull(output, "view: output", "the shape of the output");
        inputs = List.copyOf(inputs);
    }

    /** {@return the only input, or the first} */
    public Shape input() {
        return inputs.getFirst();
    }
}

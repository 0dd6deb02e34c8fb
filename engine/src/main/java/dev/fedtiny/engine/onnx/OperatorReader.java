package dev.fedtiny.engine.onnx;

import java.io.IOException;

/** Turns nodes of one operator into layers. */
@FunctionalInterface
interface OperatorReader {
    /**
     * Reads the attributes first, so that what is wrong with them is known whatever the inputs are, then the inputs, and gives every output
     * that anybody reads its term.
     *
     * @throws NodeReader.Refused where the node cannot be taken, once its reasons are noted
     * @throws IllegalArgumentException where the layer is impossible
     */
    void read(NodeReader node) throws IOException;
}

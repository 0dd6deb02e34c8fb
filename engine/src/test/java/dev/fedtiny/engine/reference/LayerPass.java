package dev.fedtiny.engine.reference;

import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.testing.ElementwiseReference;

/** What one layer sees of a pass of a {@link ReferenceNetwork}, and what it gives back. */
public final class LayerPass {
    private final ReferenceNetwork.Pass pass;
    private final Layer layer;
    private final int at;
    private final int firstParameter;
    private final double[][] upstream;
    private final double[][] gradients;
    private final Network network;
    private final StorageReference storage;

    LayerPass(Network network, ReferenceNetwork.Pass pass, int at, double[][] upstream, double[][] gradients, StorageReference storage) {
        this.network = network;
        this.storage = storage;
        this.pass = pass;
        this.layer = network.layers().get(at);
        this.at = at;
        this.firstParameter = network.firstParameter(at);
        this.upstream = upstream;
        this.gradients = gradients;
    }

    /** N. */
    public int images() {
        return pass.images();
    }

    /** The mode of the pass. */
    public Mode mode() {
        return pass.mode();
    }

    /** The output of a source, N,C,H,W. */
    public double[] x(int input) {
        return pass.outputs()[layer.sources().get(input)];
    }

    /** The layer's own output, once it is computed. */
    public double[] y() {
        return pass.outputs()[at];
    }

    /** One of the layer's parameters as the pass read it. */
    public double[] parameter(int parameter) {
        return pass.parameters()[firstParameter + parameter];
    }

    /** The factors of the layer's dropout, or null. */
    public double[] dropoutFactors() {
        return pass.dropoutFactors().get(at);
    }

    /** The images. */
    double[] input() {
        return pass.input();
    }

    /** A running statistic after the pass. */
    public void move(int parameter, double[] values) {
        pass.parametersAfter()[firstParameter + parameter] = values;
    }

    /** Adds to the gradient of a source's output, which may have several users. */
    public void flow(int input, double[] dx) {
        int source = layer.sources().get(input);
        double[] sum = upstream[source] == null ? dx.clone() : ElementwiseReference.add(upstream[source], dx);
        upstream[source] = StorageReference.storesGradient(network, layer, source) ? storage.store(sum) : sum;
    }

    /** The gradient of one of the layer's parameters. */
    public void gradient(int parameter, double[] values) {
        gradients[firstParameter + parameter] = values;
    }
}

package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import java.util.Arrays;
import java.util.List;

/** Who reads the values of layers, of which those that are the identity in a mode have the value of what they read. */
final class ValueReaders {
    private ValueReaders() {
    }

    /** Whether a layer's value is that of what it reads. */
    static boolean isIdentity(Layer layer, Mode mode) {
        return layer instanceof OperatorLayer operator && operator.isIdentity(mode == Mode.TRAINING);
    }

    /** How many layers and outputs read the value of each layer, whether from it or from another layer of the same value. */
    static int[] count(Network network, Mode mode) {
        List<Layer> layers = network.layers();
        int[] valueOf = new int[layers.size()];
        int[] readers = new int[layers.size()];
        for (int i = 0; i < layers.size(); i++) {
            List<Integer> sources = layers.get(i).sources();
            boolean identity = isIdentity(layers.get(i), mode);
            valueOf[i] = identity ? valueOf[sources.getFirst()] : i;
            if (!identity) {
                sources.forEach(source -> readers[valueOf[source]]++);
            }
        }
        network.outputs().forEach(output -> readers[valueOf[output.layer()]]++);
        return Arrays.stream(valueOf).map(value -> readers[value]).toArray();
    }
}

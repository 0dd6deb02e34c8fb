package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.check.Names;
import dev.fedtiny.engine.layer.Division;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import java.util.stream.Collectors;

/** What every network keeps to, whatever its layers are. An error names the layer, the shapes and the rule. */
final class NetworkRules {
    private NetworkRules() {
    }

    /** Refuses a layer that does not fit what it reads, of which {@code layers} are there. */
    static void checkSources(Layer layer, LayerBuilder layers) {
        if (layer instanceof Input) {
            throw new IllegalArgumentException("network: the images are there already, as layer 0; a network has one input");
        }
        if (layer.sources().size() != layer.inputs().size()) {
            throw new IllegalArgumentException("network: " + layer.describe() + " has " + layer.sources().size() + " sources and "
                    + layer.inputs().size() + " shapes of inputs; give one shape a source");
        }
        for (int i = 0; i < layer.sources().size(); i++) {
            Shape shape = layers.shape(layer.sources().get(i));
            if (!shape.equals(layer.inputs().get(i))) {
                throw new IllegalArgumentException("network: " + layer.describe() + " expects " + layer.inputs().get(i)
                        + " as its input " + i + ", but its source, layer " + layer.sources().get(i) + ", gives " + shape);
            }
            if (layer instanceof OperatorLayer operator && operator.channelwise() && shape.channels() != layer.output().channels()) {
                throw new IllegalArgumentException("network: " + layer.describe() + " says that it treats every channel by itself, but "
                        + "its input " + i + " has " + shape.channels() + " channels");
            }
        }
        if (layer instanceof OperatorLayer operator && !isOwn(operator)) {
            checkDescription(operator);
            checkParameters(operator);
            checkParts(operator);
        }
    }

    /** Refuses what a file could not say of a layer: it is written when the training is over. */
    private static void checkDescription(OperatorLayer layer) {
        String who = "network: kind of a layer of " + layer.getClass().getName();
        Names.writable(who, Given.notNull(layer.kind(), who, "what files call the layer"));
        Given.notNull(layer.attributes(), "network: attributes of " + layer.describe(), "what a file must know of it; Attributes.EMPTY");
    }

    /** Refuses parameters that methods would prune: an operator's loops read all positions. */
    private static void checkParameters(OperatorLayer layer) {
        for (Parameter parameter : layer.parameters()) {
            if (parameter.prunable()) {
                throw new IllegalArgumentException("network: " + layer.describe() + " says that its parameter '" + parameter.name()
                        + "' may be pruned, which only weights of convolutions and linear layers may; make it one that is not prunable");
            }
        }
    }

    /** Refuses parts of a layer that do not cover its output and its inputs. */
    private static void checkParts(OperatorLayer layer) {
        if (layer.division() instanceof Division.Pixels pixels) {
            checkBlocks(layer, pixels.block());
            return;
        }
        int channels = layer.output().channels();
        int part = layer.division().part(layer.output());
        if (part < 1 || channels % part != 0) {
            throw new IllegalArgumentException("network: " + layer.describe() + " says that parts of " + part + " channels are "
                    + "independent, which do not divide its " + channels + " channels");
        }
        for (int i = 0; i < layer.inputs().size(); i++) {
            int end = layer.inputs().get(i).channels();
            if (layer.firstChannel(i, 0) != 0 || layer.firstChannel(i, channels) != end) {
                throw new IllegalArgumentException("network: " + layer.describe() + " says that all its channels read the channels from "
                        + layer.firstChannel(i, 0) + " to " + layer.firstChannel(i, channels) + " of its input " + i + ", expected 0 to "
                        + end);
            }
            for (int k = part; k < channels && !layer.channelwise(); k += part) {
                if (layer.firstChannel(i, k) < layer.firstChannel(i, k - part)) {
                    throw new IllegalArgumentException("network: " + layer.describe() + " says that channels from " + k + " on read its "
                            + "input " + i + " from channel " + layer.firstChannel(i, k) + " on, those before from "
                            + layer.firstChannel(i, k - part) + " on; firstChannel must not fall as channels rise");
                }
            }
        }
    }

    /** Layers of the engine keep to the rules, and must not be asked as often as a file says that they have inputs or channels. */
    private static boolean isOwn(OperatorLayer layer) {
        return layer.getClass().getPackageName().equals(OperatorLayer.class.getPackageName());
    }

    /** Refuses blocks of pixels that none are, and inputs whose pixels are not those of the output. */
    private static void checkBlocks(OperatorLayer layer, int block) {
        if (block < 1) {
            throw new IllegalArgumentException("network: " + layer.describe() + " says that blocks of " + block + " pixels are "
                    + "independent; a block has at least one");
        }
        for (int i = 0; i < layer.inputs().size(); i++) {
            Shape input = layer.inputs().get(i);
            if (input.height() != layer.output().height() || input.width() != layer.output().width()) {
                throw new IllegalArgumentException("network: " + layer.describe() + " says that pixels are independent, but its input " + i
                        + " is " + input + " and its output " + layer.output() + "; height and width must be equal, or Division.WHOLE is "
                        + "right");
            }
        }
    }

    /** Refuses an output of the images, or one whose name or layer is an output already. */
    static void checkOutput(Network.Output output, List<Network.Output> others) {
        if (output.layer() == 0) {
            throw new IllegalArgumentException("network: output '" + output.name() + "' is the images; name a layer that computes "
                    + "something");
        }
        for (Network.Output other : others) {
            if (other.name().equals(output.name()) || other.layer() == output.layer()) {
                throw new IllegalArgumentException("network: output '" + output.name() + "' of layer " + output.layer() + " beside '"
                        + other.name() + "' of layer " + other.layer() + "; give every output a name and a layer of its own");
            }
        }
    }

    /**
     * Refuses layers that nothing reads: they would be computed for nothing, and no gradient would come to them.
     *
     * @param named whether the outputs were named; else the last layer is the only one
     */
    static void checkRead(List<Layer> layers, List<Network.Output> outputs, boolean named) {
        boolean[] read = new boolean[layers.size()];
        outputs.forEach(output -> read[output.layer()] = true);
        layers.forEach(layer -> layer.sources().forEach(source -> read[source] = true));
        for (int i = 0; i < read.length; i++) {
            if (!read[i]) {
                String ends = outputs.stream().map(output -> (named ? "'" + output.name() + "', " : "") + "layer " + output.layer() + ", "
                        + layers.get(output.layer()).describe()).collect(Collectors.joining("; "));
                throw new IllegalArgumentException("network: nothing reads layer " + i + ", " + layers.get(i).describe()
                        + ", and the output is " + ends + "; let a layer read it, leave it out, "
                        + (named ? "or name it as an output" : "or add the output last"));
            }
        }
    }
}

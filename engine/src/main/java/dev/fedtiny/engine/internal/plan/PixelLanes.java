package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Reads;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import java.util.stream.IntStream;

/**
 * For which networks the pixels of a single image lie in the lanes side by side. Weights of 1 × 1 and windows of one channel then read maps
 * as they lie; windows over many channels, as ResNets have them, read tiles faster, whose vectors never begin within a cache line. A pure
 * function of the network.
 */
final class PixelLanes {
    private PixelLanes() {
    }

    /** Whether the network has depthwise windows, and no operator that would have to be computed with one pixel a vector. */
    static boolean suit(Network network) {
        return network.layers().stream().anyMatch(PixelLanes::isDepthwise)
                && network.layers().stream().allMatch(layer -> !(layer instanceof OperatorLayer operator) || suits(operator, network));
    }

    private static boolean isDepthwise(Layer layer) {
        return layer instanceof Conv2d conv && conv.geometry().isDepthwise() && !isPointwise(conv.geometry());
    }

    private static boolean suits(OperatorLayer layer, Network network) {
        return layer.isIdentity(false) || ChannelLanesStep.covers(layer, network)
                || IntStream.range(0, layer.sources().size()).allMatch(i -> readsPixels(layer, i,
                        network.layers().get(layer.sources().get(i)).output()));
    }

    private static boolean readsPixels(OperatorLayer layer, int input, Shape source) {
        if (source.pixels() == 1) {
            return layer.output().pixels() == 1 || layer.reads(input).equals(Reads.ALL);
        }
        return layer.reads(input).equals(Reads.PIXELS) && source.pixels() == layer.output().pixels();
    }

    /** Whether every output pixel of a convolution reads the same pixel of the input. */
    static boolean isPointwise(Conv2dGeometry geometry) {
        return geometry.kernel().equals(PerAxis.ONE) && geometry.stride().equals(PerAxis.ONE) && geometry.padding().equals(Padding.NONE);
    }

    /** A pointwise convolution of maps whose lanes are pixels: all vectors of a channel are one row. */
    static Conv2dGeometry inOneRow(Conv2dGeometry geometry, StoredActivation input) {
        return new Conv2dGeometry(input.tile, geometry.outputChannels(), geometry.kernel(), geometry.stride(), geometry.padding(),
                geometry.dilation(), geometry.groups());
    }
}

package dev.fedtiny.engine.reference;

import dev.fedtiny.engine.internal.kernel.Bfloat16;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.Network;

/**
 * What a reference in double stores between layers, at the places where a training session does ({@link ActivationStorage}): outputs of
 * convolutions and operators, and gradients of what layers read, each time a contribution arrives. Maps of a single pixel, and what a
 * batch normalisation gives back, are not stored. Where a value lies next to the middle between two stored ones, double and single
 * precision may round it to different sides, and whatever follows differs by as much as rounding does; so the distance is kept.
 */
public abstract class StorageReference {
    /** Keeps doubles as they are. */
    public static final StorageReference EXACT = new StorageReference() {
        @Override
        double[] store(double[] values) {
            return values;
        }
    };

    private static final int BITS = 7;
    /** Where stored values lie closer together than this part of a map's largest, it does not matter which is taken. */
    private static final double SMALL = 1e-5;

    private double margin = Double.POSITIVE_INFINITY;

    /** Rounds to bfloat16. */
    public static StorageReference bfloat16() {
        return new StorageReference() {
            @Override
            double[] store(double[] values) {
                return rounded(values);
            }
        };
    }

    /** The smallest distance of any value from where rounding changes its mind, relative to the largest value of its map. */
    public final double margin() {
        return margin;
    }

    /** What is read of an array that was stored. */
    abstract double[] store(double[] values);

    /** Whether a layer's output is stored, in the form that this reference has. */
    static boolean isStored(Network network, int at) {
        Layer layer = network.layers().get(at);
        return layer.output().pixels() > 1 && (layer instanceof Conv2d || layer instanceof OperatorLayer);
    }

    /** Whether what {@code reader} gives back to a source is stored. */
    static boolean storesGradient(Network network, Layer reader, int source) {
        return network.layers().get(source).output().pixels() > 1 && !(reader instanceof BatchNorm2d) && !ofImages(network, source);
    }

    /** Whether a value is no more than the images, normalised or bounded: their gradient is stored as they are. */
    private static boolean ofImages(Network network, int at) {
        return switch (network.layers().get(at)) {
            case Input images -> true;
            case BatchNorm2d norm -> ofImages(network, norm.source());
            case Clamp clamp -> ofImages(network, clamp.source());
            default -> false;
        };
    }

    final double[] rounded(double[] values) {
        double largest = Double.MIN_NORMAL;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        double[] rounded = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = Float.intBitsToFloat(Bfloat16.round((float) values[i]) << 16);
            double unit = Math.scalb(1.0, Math.getExponent((float) values[i]) - BITS);
            if (unit > SMALL * largest) {
                double units = Math.abs(values[i]) / unit;
                margin = Math.min(margin, Math.abs(units - Math.floor(units) - 0.5) * unit / largest);
            }
        }
        return rounded;
    }
}

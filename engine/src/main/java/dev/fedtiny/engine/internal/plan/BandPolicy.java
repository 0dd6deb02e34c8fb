package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.model.ImageSharing;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Layout;

/** Whether a session cuts its image into bands; said once, where a session is opened, of the masks it is opened with. */
public final class BandPolicy {
    /**
     * Multiply-adds of active weights below which meetings take about what bands gain: ResNet18 of width 16 at density 0.05 has 1.8
     * million, of width 64 at 0.01 it has 7.
     */
    private static final long LEAST_PRODUCTS = 4_000_000;
    /** Share of active weights from which on bands gain too little to be worth a second arena. */
    private static final double DENSE = 0.2;

    private BandPolicy() {
    }

    /**
     * Whether the image is cut into bands.
     *
     * @param active active positions of every parameter
     * @param threads of the session's team
     */
    public static boolean bands(Network network, int[] active, Mode mode, int batch, int threads, ImageSharing sharing) {
        boolean possible = mode == Mode.INFERENCE && batch == 1 && !PixelLanes.suit(network);
        return possible && switch (sharing) {
            case CHANNELS -> false;
            case BANDS -> true;
            case AUTOMATIC -> threads == Layout.BANDS && products(network, active) >= LEAST_PRODUCTS && density(network, active) < DENSE;
        };
    }

    private static long products(Network network, int[] active) {
        long products = 0;
        for (int i = 0; i < network.layers().size(); i++) {
            if (network.layers().get(i) instanceof Conv2d conv) {
                products += (long) active[network.firstParameter(i)] * conv.output().pixels();
            }
        }
        return products;
    }

    private static double density(Network network, int[] active) {
        long all = network.prunable().stream().mapToLong(i -> network.parameters().get(i).size()).sum();
        return all == 0 ? 1 : (double) network.prunable().stream().mapToLong(i -> active[i]).sum() / all;
    }
}

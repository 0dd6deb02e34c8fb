package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.model.ImageSharing;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;

/** Whether a session cuts its image into bands; said once, where a session is opened, of the masks it is opened with. */
public final class BandPolicy {
    private static final int THREADS = 2;
    /** Values of all layers below which meetings take what bands gain. */
    private static final long LEAST_VALUES = 400_000;
    /** Share of active weights from which on channels are shared about as well. */
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
            case AUTOMATIC -> threads == THREADS && values(network) >= LEAST_VALUES && density(network, active) < DENSE;
        };
    }

    private static long values(Network network) {
        return network.layers().stream().map(Layer::output).filter(shape -> shape.pixels() > 1).mapToLong(shape -> shape.size()).sum();
    }

    private static double density(Network network, int[] active) {
        long all = network.prunable().stream().mapToLong(i -> network.parameters().get(i).size()).sum();
        return all == 0 ? 1 : (double) network.prunable().stream().mapToLong(i -> active[i]).sum() / all;
    }
}

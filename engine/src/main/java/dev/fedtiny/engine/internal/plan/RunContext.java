package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;

/** What the steps of a session share: its mode, scratch and threads, and the images of the current pass. */
public final class RunContext {
    public final Mode mode;
    /** Images of a full batch. */
    final int batch;
    /** Groups of a full batch. */
    final int capacityGroups;
    public final Workspace workspace;
    /** Null where a session is only planned. */
    public final Team team;
    /** Computes bands of an image; null where a session is only planned. */
    final ImageBands bands;
    private final int threads;
    private final boolean pixels;
    private final boolean banded;
    /** What weight gradients see of activations; null: all. */
    public ActivationPruning thinning;
    private int count;
    private int groups;
    /** Seed and number of the pass: what dropout masks depend on. */
    public long dropoutSeed;
    public long number;

    /**
     * The passes of a session.
     *
     * @param banded whether its image is cut into bands ({@link BandPolicy})
     */
    public RunContext(Network network, Mode mode, int batch, boolean banded, Team team) {
        this(network, mode, batch, banded, team, team.workers.count());
    }

    /** A pass of a session that is only planned. */
    public RunContext(Network network, Mode mode, int batch, boolean banded, int threads) {
        this(network, mode, batch, banded, null, threads);
    }

    private RunContext(Network network, Mode mode, int batch, boolean banded, Team team, int threads) {
        this.mode = mode;
        this.batch = batch;
        this.team = team;
        this.bands = team == null ? null : new ImageBands(team);
        this.threads = threads;
        this.banded = banded;
        capacityGroups = Layout.IMAGES.groups(batch);
        workspace = new Workspace(threads);
        pixels = mode == Mode.INFERENCE && batch == 1 && PixelLanes.suit(network);
    }

    /**
     * Checks that the activations of a batch fit Java's arrays, whatever else a session holds.
     *
     * @throws IllegalArgumentException if the batch is below 1 or too large, naming the largest one possible
     */
    public static void checkBatch(Network network, int batch) {
        if (batch < 1) {
            throw new IllegalArgumentException("session: batch " + batch + ", must be at least 1");
        }
        int largest = network.layers().stream().mapToInt(layer -> layer.output().size()).max().orElse(1);
        long most = Integer.MAX_VALUE / largest / Layout.LANES * Layout.LANES;
        if (most == 0) {
            throw new IllegalArgumentException("session: an activation of " + largest + " values an image takes " + Layout.LANES
                    + " times as many, more than a Java array holds, also for a single image; use smaller images or fewer channels");
        }
        if (batch > most) {
            throw new IllegalArgumentException("session: a batch of " + batch + " needs an activation of " + (long) batch * largest
                    + " values, more than a Java array holds; use a batch of at most " + most);
        }
    }

    /**
     * Whether images are cut into tiles that lie in the lanes: in inference of so few that they would leave half of the lanes empty.
     * Sums over lanes, of which a training step has many, would not be the same.
     */
    boolean tiled() {
        return mode == Mode.INFERENCE && batch <= Layout.LANES / 2;
    }

    /** Whether a single image's pixels lie in the lanes side by side, not its tiles; {@link #tiled} then, too. */
    boolean lanesArePixels() {
        return pixels;
    }

    /** What the lanes of a map are; a single pixel lies in the first lane whatever they are. */
    Layout layout(Shape shape) {
        if (pixels) {
            return shape.pixels() == 1 ? Layout.IMAGES : Layout.PIXELS;
        }
        return banded ? Layout.banded(shape.height(), shape.width())
                : tiled() ? Layout.tiled(batch, shape.height(), shape.width()) : Layout.IMAGES;
    }

    void begin(int images) {
        count = images;
        groups = Layout.IMAGES.groups(images);
        number++;
    }

    /** The pass under way counts for nothing: the next one has its number. */
    void undo() {
        number--;
    }

    /** Images of the pass. */
    public int count() {
        return count;
    }

    /** Image groups of the pass. */
    int groups() {
        return groups;
    }

    /** Whether the image is cut into bands. */
    public boolean banded() {
        return banded;
    }

    /** Lanes of a group that hold images. */
    int lanes(int group) {
        return Layout.IMAGES.validLanes(group, count);
    }

    public int threads() {
        return threads;
    }
}

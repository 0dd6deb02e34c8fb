package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;

/**
 * Where a step reads one value: it is computed into scratch, and the step's contribution to the value's gradient goes back the same way.
 * The last contribution of all readers closes the gradient: the clamp's mask, the sums of the value's normalisation, and what goes on to
 * its prefix.
 */
final class InputPort {
    private static final ElementwiseKernel ELEMENTWISE = KernelRegistry.current().elementwise();

    final FusedInput value;
    /** Where the value lies in scratch. */
    final Placement placement;
    /** Number of the step that reads. */
    final int step;
    private final RunContext pass;
    /** How the value comes into the lanes where they are not images and it is not read as it lies; else null. */
    private final LaneReader lanes;
    /** Whether this contribution is the first to the value's gradient. */
    private boolean begins;
    /** Floats of a thread's fresh scratch that belong to the step's inputs before this one. */
    private int freshOffset;
    /** Contributions that are computed before they are stored. */
    private final FreshScratch fresh;

    /** A port of images. */
    InputPort(RunContext pass, int step, FusedInput value, Placement placement) {
        this(pass, step, value, placement, null);
    }

    /**
     * A port of images, of tiles or of pixels.
     *
     * @param lanes brings the value into the lanes; null where these are images, or those of the value
     */
    InputPort(RunContext pass, int step, FusedInput value, Placement placement, LaneReader lanes) {
        this.pass = pass;
        this.step = step;
        this.value = value;
        this.placement = placement;
        this.lanes = lanes;
        this.fresh = new FreshScratch(pass);
        value.readers.add(this);
    }

    /** Says how much of a thread's scratch for fresh contributions inputs of the same step take before this one. */
    void contributeBehind(int floats) {
        freshOffset = floats;
    }

    /** Computes contributions in what is left of the arena, where that is enough. */
    void contributeIn(RestScratch rest) {
        fresh.lieIn(rest);
    }

    /**
     * Asks for what reading needs besides the value's scratch, and for a contribution that is rounded when it is stored.
     *
     * @param channels how many channels of it are computed before they are rounded
     */
    void reserve(Workspace workspace, int channels) {
        if (stages()) {
            fresh.reserve(workspace, freshOffset + Math.min(channels, value.map.shape.channels()) * value.map.channelFloats());
        }
        if (lanes != null) {
            lanes.reserve(workspace);
        }
    }

    /** Bytes of the tables that reading tiles needs. */
    long bytes() {
        return lanes == null ? 0 : lanes.bytes();
    }

    /** Where the pixels of the value, or of a lane's own tile of it, lie in scratch; null where tiles are handed out some other way. */
    Placement laidOut() {
        return lanes == null ? placement : lanes.own();
    }

    /** Whether the stored map itself is what is read, so that scratch is not needed where it may lie contiguously. */
    boolean isDirect() {
        return lanes == null && value.isStored() && !value.map.rounds();
    }

    /** Computes channels {@code [from, to)} of the value for one group, halo included. */
    void read(int group, float[] scratch, int base, int from, int to) {
        if (lanes != null) {
            lanes.read(group, scratch, base, placement.channel(), from, to);
        } else {
            value.evaluate(group, scratch, base, placement, from, to);
        }
    }

    /** Whether a band's windows see something of the other one. */
    boolean crosses() {
        return lanes != null && lanes.crosses();
    }

    /** Bytes that what bands see of each other moves, where {@code channels} channels are read. */
    long edgeTraffic(int channels) {
        return crosses() ? lanes.edgeTraffic(channels) : 0;
    }

    /** Says where edges lie, behind so many floats of the step's other inputs; answers the floats behind this one's. */
    int placeEdges(int turn, int behind) {
        if (!crosses()) {
            return behind;
        }
        lanes.placeEdges(turn, behind);
        return behind + lanes.edgeFloats();
    }

    /** Packs what the other band sees of one, where that is done before it is read. */
    void pack(int band) {
        if (crosses()) {
            lanes.pack(band);
        }
    }

    /** Fills what channels {@code [from, to)} of a band see of the other one, which has been packed. */
    void fillEdges(int band, float[] scratch, int base, int from, int to) {
        if (crosses()) {
            lanes.fillEdges(band, scratch, base, placement.channel(), from, to);
        }
    }

    /** Whether the value has a gradient that somebody needs. */
    boolean feedsBack() {
        return value.needsGradient();
    }

    /** Whether this contribution is the first to the value's gradient, which so need not be cleared. */
    boolean begins() {
        return begins;
    }

    /** Once it is known who reads the value and when. */
    void planGradient() {
        boolean fresh = value.link == null || value.link == FusedInput.Link.ADDED;
        begins = feedsBack() && fresh && step == value.largestReader();
    }

    /** Whether contributions to the gradient are computed in scratch, since they are rounded when they are stored. */
    boolean stages() {
        return feedsBack() && value.map.rounds();
    }

    /** Where the contribution is computed: in the gradient's place, or in a piece of scratch where it is rounded. */
    float[] contribution() {
        return stages() ? fresh.data() : value.gradient;
    }

    /** Position of channel 0 of a group in {@link #contribution}, where the calling thread computes channels from {@code first} on. */
    int contributionBase(int group, int first) {
        return contributionBase(pass.team.workers.current(), group, first);
    }

    /** The same, where channels from {@code first} on are computed in a piece of scratch. */
    int contributionBase(int piece, int group, int first) {
        return stages() ? fresh.base(piece) + freshOffset - first * value.map.channelFloats() : value.gradientAt(group, 0);
    }

    /** Before the calling thread's contribution to channels {@code [from, to)}: it is added to what those before it gave. */
    void prepareContribution(int group, int from, int to) {
        prepareContribution(pass.team.workers.current(), group, from, from, to);
    }

    /** The same in a piece of scratch, in which channels from {@code first} on lie. */
    void prepareContribution(int piece, int group, int first, int from, int to) {
        if (stages() && !begins) {
            value.map.storage.read(value.gradient, value.gradientAt(group, from), contribution(),
                    contributionBase(piece, group, first) + from * value.map.channelFloats(), (to - from) * value.map.channelFloats());
        }
    }

    /** Whether the gradient becomes complete by this step's contribution. */
    boolean finishes() {
        return feedsBack() && value.finish == step;
    }

    /** Whether closing the gradient looks at the value as it lies in scratch. */
    boolean finishesByValue() {
        return finishes() && value.clamp != null && placement.holdsAll();
    }

    /** Whether something follows a contribution: it is rounded, or it is the last. */
    boolean settles() {
        return finishes() || stages();
    }

    /** Stores the calling thread's contribution to channels {@code [from, to)} of one group, as below. */
    void settle(int group, float[] scratch, int base, int first, int from, int to) {
        settle(pass.team.workers.current(), group, scratch, base, first, from, to);
    }

    /**
     * Stores the contribution to channels {@code [from, to)} of one group, and closes their gradient where it was the last.
     *
     * @param piece of scratch that contributions lie in which are rounded
     * @param scratch holds the value at {@code base} where {@link #finishesByValue}
     * @param first the channel from which on contributions lie in {@link #contribution}
     */
    void settle(int piece, int group, float[] scratch, int base, int first, int from, int to) {
        if (!settles()) {
            return;
        }
        int chunk = Step.chunk(value.map.channelFloats());
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            int at = contributionBase(piece, group, first) + c * value.map.channelFloats();
            if (finishes() && value.clamp != null) {
                if (placement.holdsAll()) {
                    mask(value, contribution(), at, scratch, base, placement, c, end);
                } else {
                    maskEvaluated(value, group, contribution(), at, c, end);
                }
            }
            if (stages()) {
                value.map.storage.write(contribution(), at, value.gradient, value.gradientAt(group, c),
                        (end - c) * value.map.channelFloats());
            }
            if (finishes()) {
                close(value, group, at, c, end);
            }
        }
    }

    /** Floats of {@link Workspace#values} that a thread computes a value in which only its clamp's backward pass looks at. */
    static int evaluatedFloats(FusedInput masked) {
        return Step.chunk(masked.map.channelFloats()) * masked.map.channelFloats();
    }

    /** Masks so many channels as {@link #settle} takes at a time. */
    private void maskEvaluated(FusedInput masked, int group, float[] du, int duAt, int from, int to) {
        int base = Arrays32.ORIGIN + pass.team.workers.current() * evaluatedFloats(masked) - from * masked.map.channelFloats();
        masked.evaluate(group, pass.workspace.values, base, masked.contiguous, from, to);
        mask(masked, du, duAt, pass.workspace.values, base, masked.contiguous, from, to);
    }

    /** Masks a gradient that lies at {@code duAt}, channel after channel. */
    private static void mask(FusedInput masked, float[] du, int duAt, float[] scratch, int base, Placement placement, int from, int to) {
        int channel = masked.map.channelFloats();
        for (Placement.Part part : placement.parts()) {
            ELEMENTWISE.maskInside(scratch, base + from * placement.channel() + part.place(), placement.channel(), part.pitch(),
                    part.step(), du, duAt + part.source(), channel, part.sourcePitch(), part.sourceStep(), to - from, part.rows(),
                    part.columns(), masked.lower(), masked.upper());
        }
    }

    /**
     * Sums of a complete gradient, and the way on to the prefix.
     *
     * @param freshAt a place in scratch for these channels, of which nothing is needed any more, where the gradient is rounded
     */
    private void close(FusedInput closed, int group, int freshAt, int from, int to) {
        StoredActivation map = closed.map;
        Normalization norm = closed.norm;
        if (norm != null && norm.isTrained) {
            map.storage.reduce(closed.gradient, closed.gradientAt(group, from), map.data, map.at(group, from), to - from,
                    map.shape.pixels(), pass.lanes(group), norm.mean, from, norm.first, norm.second, group * norm.channels + from);
        }
        FusedInput prefix = closed.prefix;
        if (prefix == null || !prefix.needsGradient()) {
            return;
        }
        int count = (to - from) * map.channelFloats();
        int words = map.storage.valuesAWord();
        if (prefix.link == FusedInput.Link.COPIED) {
            System.arraycopy(closed.gradient, closed.gradientAt(group, from) / words, prefix.gradient,
                    prefix.gradientAt(group, from) / words, count / words);
        } else if (prefix.link == FusedInput.Link.ADDED) {
            map.storage.accumulate(closed.gradient, closed.gradientAt(group, from), prefix.gradient, prefix.gradientAt(group, from), count);
        }
        if (prefix.finish == step && prefix.lastIsLink) {
            if (prefix.clamp != null) {
                maskStored(prefix, group, freshAt, from, to);
            }
            close(prefix, group, freshAt, from, to);
        }
    }

    /** Masks a gradient where it is stored. */
    private void maskStored(FusedInput masked, int group, int freshAt, int from, int to) {
        StoredActivation map = masked.map;
        int at = masked.gradientAt(group, from);
        if (!map.rounds()) {
            maskEvaluated(masked, group, masked.gradient, at, from, to);
            return;
        }
        float[] scratch = fresh.data();
        map.storage.read(masked.gradient, at, scratch, freshAt, (to - from) * map.channelFloats());
        maskEvaluated(masked, group, scratch, freshAt, from, to);
        map.storage.write(scratch, freshAt, masked.gradient, at, (to - from) * map.channelFloats());
    }
}

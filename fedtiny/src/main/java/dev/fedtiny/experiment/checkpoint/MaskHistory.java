package dev.fedtiny.experiment.checkpoint;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Which weights the first mask had, and which were ever active since: what is grown can so be told from what comes back. Two bits a
 * prunable weight. Immutable.
 */
public final class MaskHistory {
    /** Of runs whose checkpoints did not hold it: nothing is told of what comes back. */
    public static final MaskHistory UNKNOWN = new MaskHistory(List.of(), List.of());

    private final List<Mask> first;
    private final List<BitSet> ever;

    private MaskHistory(List<Mask> first, List<BitSet> ever) {
        this.first = List.copyOf(first);
        this.ever = List.copyOf(ever);
    }

    /** Of a run that begins with this model. */
    public static Step begin(ModelState start) {
        List<Mask> first = start.network().prunable().stream().map(start::mask).toList();
        return new Step(new MaskHistory(first, first.stream().map(MaskHistory::bits).toList()), Optional.empty());
    }

    private static BitSet bits(Mask mask) {
        BitSet bits = new BitSet(mask.size());
        if (mask.isFull()) {
            bits.set(0, mask.size());
            return bits;
        }
        for (int position : mask.indices()) {
            bits.set(position);
        }
        return bits;
    }

    /**
     * A history, and what came to it.
     *
     * @param change the member {@code masks} of a round's line; empty where no mask changed
     */
    public record Step(MaskHistory history, Optional<JsonObject> change) {
        /** A round's line with it. */
        public JsonObject addedTo(JsonObject line) {
            if (change.isEmpty()) {
                return line;
            }
            JsonObject.Builder object = JsonObject.builder();
            line.members().forEach(object::put);
            return object.put("masks", change.get()).build();
        }
    }

    /**
     * The history after a round.
     *
     * @param before the model before it
     * @param after the model after it
     */
    public Step step(ModelState before, ModelState after) {
        List<Integer> prunable = after.network().prunable();
        List<BitSet> next = new ArrayList<>(ever);
        long grown = 0;
        long pruned = 0;
        long returned = 0;
        for (int i = 0; i < prunable.size(); i++) {
            Mask old = before.mask(prunable.get(i));
            Mask now = after.mask(prunable.get(i));
            int[] entered = old.equals(now) ? new int[0]
                    : Arrays.stream(now.indices()).filter(position -> !old.contains(position)).toArray();
            grown += entered.length;
            pruned += old.count() + entered.length - now.count();
            if (known() && entered.length > 0) {
                BitSet seen = (BitSet) ever.get(i).clone();
                returned += Arrays.stream(entered).filter(seen::get).count();
                Arrays.stream(entered).forEach(seen::set);
                next.set(i, seen);
            }
        }
        if (grown + pruned == 0) {
            return new Step(this, Optional.empty());
        }
        JsonObject.Builder change = JsonObject.builder().put("grown", grown).put("pruned", pruned);
        if (known()) {
            change.put("returned", returned).put("first", first.stream().mapToLong(Mask::count).sum()).put("ofFirst", ofFirst(after));
        }
        return new Step(new MaskHistory(first, next), Optional.of(change.build()));
    }

    /** Weights of the first mask that are active in a model. */
    private long ofFirst(ModelState model) {
        long count = 0;
        for (int i = 0; i < first.size(); i++) {
            Mask now = model.mask(model.network().prunable().get(i));
            count += Arrays.stream(first.get(i).indices()).filter(now::contains).count();
        }
        return count;
    }

    private boolean known() {
        return !first.isEmpty();
    }

    /** Whether it is known (1), and then for every prunable parameter the first mask and what was ever active. */
    void write(CheckpointWriter writer) throws IOException {
        writer.int8(known() ? 1 : 0);
        for (int i = 0; i < first.size(); i++) {
            int size = first.get(i).size();
            boolean all = ever.get(i).cardinality() == size;
            writer.mask(first.get(i)).mask(all ? Mask.full(size) : Mask.of(size, ever.get(i).stream().toArray()));
        }
    }

    static MaskHistory read(CheckpointReader reader, Network network) throws IOException {
        if (reader.int8() == 0) {
            return UNKNOWN;
        }
        List<Mask> first = new ArrayList<>();
        List<BitSet> ever = new ArrayList<>();
        for (int parameter : network.prunable()) {
            int size = network.parameters().get(parameter).size();
            first.add(reader.mask(size));
            ever.add(bits(reader.mask(size)));
        }
        return new MaskHistory(first, ever);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MaskHistory that && first.equals(that.first) && ever.equals(that.ever);
    }

    @Override
    public int hashCode() {
        return ever.hashCode();
    }
}

package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;

/** The live parameters of a session, one array each in the order of its mask, and their gradients where they are trained. */
public final class ParameterArrays {
    public final Mask[] masks;
    public final float[][] values;
    /** Null where a parameter is not trained. */
    public final float[][] gradients;
    private final Network network;
    private final boolean trains;

    /** No arrays yet: {@link #take} makes them. */
    public ParameterArrays(Network network, boolean trains) {
        this.network = network;
        this.trains = trains;
        int count = network.parameters().size();
        masks = new Mask[count];
        values = new float[count][];
        gradients = new float[count][];
    }

    /**
     * Checks that a state can be taken over.
     *
     * @throws IllegalArgumentException if it is of another architecture, or has a mask where this network may not be pruned
     */
    public void check(ModelState state) {
        if (!state.network().sameLayers(network)) {
            throw new IllegalArgumentException("session: the state belongs to another architecture than the session (" + state.network()
                    .layers().size() + " and " + network.layers().size() + " layers); open a session for it");
        }
        for (int i = 0; i < masks.length; i++) {
            network.parameters().get(i).checkActive(state.mask(i).count());
            if (!state.mask(i).isFull() && network.layerOf(i) instanceof OperatorLayer layer) {
                throw new IllegalArgumentException("session: '" + network.parameters().get(i).name() + "' has " + state.mask(i).count()
                        + " of " + state.mask(i).size() + " positions, but the loops of " + layer.describe() + " read all of them; give "
                        + "it a full mask");
            }
        }
    }

    /** Takes over values and masks of a state that {@link #check} has passed; arrays are made anew only where a length changed. */
    public void take(ModelState state, ArrayOwnership ownership) {
        for (int i = 0; i < values.length; i++) {
            float[] source = state.values(i);
            boolean fits = values[i] != null && values[i].length == source.length;
            if (ownership == ArrayOwnership.TAKEN_OVER) {
                values[i] = source;
            } else {
                values[i] = fits ? values[i] : new float[source.length];
                System.arraycopy(source, 0, values[i], 0, source.length);
            }
            // By its own length: an array of values may be there of a load that had no memory for the gradient.
            if (trains && network.isTrained(i) && (gradients[i] == null || gradients[i].length != source.length)) {
                gradients[i] = new float[source.length];
            }
            masks[i] = state.mask(i);
        }
    }

    /** The live values as a state, without a copy. */
    public ModelState live() {
        return ModelState.ofSession(network, masks, values);
    }

    /** The values copied out. */
    public ModelState copied() {
        float[][] copies = new float[values.length][];
        for (int i = 0; i < copies.length; i++) {
            copies[i] = values[i].clone();
        }
        return ModelState.ofSession(network, masks, copies);
    }

    /** Adds what the arrays hold. */
    public void account(MemoryLedger ledger) {
        for (int i = 0; i < values.length; i++) {
            ledger.add(MemoryCategory.VALUES, 4L * values[i].length);
            ledger.add(MemoryCategory.GRADIENTS, gradients[i] == null ? 0 : 4L * gradients[i].length);
            ledger.add(MemoryCategory.INDICES, masks[i].bytes());
        }
    }
}

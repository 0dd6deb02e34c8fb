package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The live parameters of a session, one array each in the order of its mask, and their gradients where they are trained. */
final class ParameterArrays {
    final Mask[] masks;
    final float[][] values;
    /** Null where a parameter is not trained. */
    final float[][] gradients;
    private final Network network;
    private final boolean trains;

    /** No arrays yet: {@link #take} makes them. */
    ParameterArrays(Network network, boolean trains) {
        this.network = network;
        this.trains = trains;
        int count = network.parameters().size();
        masks = new Mask[count];
        values = new float[count][];
        gradients = new float[count][];
    }

    /**
     * Takes over values and masks; arrays are made anew only where a length changed.
     *
     * @throws IllegalArgumentException if the state is of another architecture
     */
    void take(ModelState state, Handover handover) {
        if (!state.network().layers().equals(network.layers())) {
            throw new IllegalArgumentException("session: the state belongs to another architecture than the session");
        }
        for (int i = 0; i < values.length; i++) {
            float[] source = state.values(i);
            boolean fits = values[i] != null && values[i].length == source.length;
            if (handover == Handover.TAKEN_OVER) {
                values[i] = source;
            } else {
                values[i] = fits ? values[i] : new float[source.length];
                System.arraycopy(source, 0, values[i], 0, source.length);
            }
            if (!fits) {
                gradients[i] = trains && network.parameters().get(i).kind().trainable() ? new float[source.length] : null;
            }
            masks[i] = state.mask(i);
        }
    }

    /** The live values as a state, without a copy. */
    ModelState live() {
        return ModelState.of(network, Arrays.asList(masks), Arrays.asList(values));
    }

    /** The values copied out. */
    ModelState copied() {
        List<float[]> copies = new ArrayList<>();
        for (float[] value : values) {
            copies.add(value.clone());
        }
        return ModelState.of(network, Arrays.asList(masks), copies);
    }

    /** Adds what the arrays hold. */
    void account(MemoryLedger ledger) {
        for (int i = 0; i < values.length; i++) {
            ledger.add(MemoryCategory.VALUES, 4L * values[i].length);
            ledger.add(MemoryCategory.GRADIENTS, gradients[i] == null ? 0 : 4L * gradients[i].length);
            ledger.add(MemoryCategory.INDICES, masks[i].bytes());
        }
    }
}

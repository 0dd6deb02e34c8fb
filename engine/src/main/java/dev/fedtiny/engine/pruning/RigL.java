package dev.fedtiny.engine.pruning;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rigged lottery tickets (Evci and others 2020): now and then, in place of an optimiser's step, every layer gives up its smallest weights
 * and grows as many where the loss's gradient is largest, at value 0; its count stays the same:
 * {@snippet :
 * if (rigl.due(step)) {
 *     session.setImages(images, count);
 *     session.forward(count);
 *     rigl.update(session, loss, labels, step);
 * } else {
 *     trainer.step(images, labels, rate);
 * }
 * }
 * In a layer with m weights ⌊share / 2·(1 + cos(π·t / end))·m⌋ are exchanged after step t. Gradients at pruned positions are taken as the
 * backward pass produces them, into buffers of that many entries: nothing of a layer's dense size is held. An optimiser's state follows.
 *
 * @param layers what is exchanged; weights that keep all positions, or are not trained, stay as they are
 * @param share α, in (0, 1]
 * @param every ΔT, steps from one exchange to the next, at least 1
 * @param end T_end, the first step without exchanges, at least 1
 */
public record RigL(LayerSelection layers, double share, long every, long end) {
    /** Checks the ranges. */
    public RigL {
        Given.notNull(layers, "rigl: layers", "LayerSelection.PRUNABLE, or fewer layers");
        if (!(share > 0 && share <= 1) || every < 1 || end < 1) {
            throw new IllegalArgumentException("rigl: share " + share + " every " + every + " steps until " + end
                    + "; the share must be above 0 and at most 1, the steps at least 1");
        }
    }

    /**
     * Of all prunable layers.
     *
     * @param share α, in (0, 1]
     * @param every ΔT, at least 1
     * @param end T_end, at least 1
     */
    public RigL(double share, long every, long end) {
        this(LayerSelection.PRUNABLE, share, every, end);
    }

    /**
     * Whether weights are exchanged after a step: every ΔT steps, not at 0, before T_end.
     *
     * @param step t, from 0
     * @return whether they are
     */
    public boolean due(long step) {
        return step > 0 && step < end && step % every == 0;
    }

    /**
     * Weights that a layer exchanges after a step; none from T_end on.
     *
     * @param step t, from 0
     * @param active m, from 0 to all positions
     * @param size positions of the layer
     * @return weights
     * @throws IllegalArgumentException if one of them is something else
     */
    public int count(long step, int active, int size) {
        if (step < 0 || active < 0 || active > size) {
            throw new IllegalArgumentException("rigl: " + active + " of " + size + " positions after step " + step
                    + "; there must be 0 to all of them, and steps count from 0");
        }
        if (step >= end) {
            return 0;
        }
        double part = share / 2 * (1 + StrictMath.cos(StrictMath.PI * step / end));
        return Math.min(size - active, (int) StrictMath.floor(part * active));
    }

    /**
     * Bytes of the buffers of the largest gradients in the update after a step.
     *
     * @param network the architecture
     * @param active active positions of every parameter, in the order of {@link Network#parameters()}
     * @param step t, from 0
     * @return bytes
     */
    public long bufferBytes(Network network, int[] active, long step) {
        Given.notNull(network, "rigl: network", "a network: of a NetworkSpec, a builder or a model file");
        Given.notNull(active, "rigl: active", "how many positions of each parameter are active");
        if (active.length != network.parameters().size()) {
            throw new IllegalArgumentException("rigl: active positions of " + active.length + " parameters, expected those of the "
                    + network.parameters().size() + " in Network.parameters()");
        }
        for (int p = 0; p < active.length; p++) {
            network.parameters().get(p).checkActive(active[p]);
        }
        return Arrays.stream(layers.of(network))
                .mapToLong(p -> TopK.bytes(count(step, active[p], network.parameters().get(p).size()))).sum();
    }

    /**
     * Exchanges weights; the session's last pass must be a forward pass. The session has the new state afterwards, in which what stays has
     * its value.
     *
     * @param <T> the targets of a batch
     * @param session of mode TRAINING
     * @param objective what the gradients are of
     * @param targets of the images of the pass
     * @param step t, below T_end
     * @return weights that were exchanged for others, in all layers
     * @throws IllegalArgumentException if the session is of another mode, or the step is not in [0, T_end)
     */
    public <T> int update(Session session, Objective<T> objective, T targets, long step) {
        Given.notNull(session, "rigl: session", "an open session of mode TRAINING");
        Given.notNull(objective, "rigl: objective", "a loss, or a weighted sum of several");
        Given.notNull(targets, "rigl: targets", "those of the images of the pass");
        if (session.mode() != Mode.TRAINING) {
            throw new IllegalArgumentException("rigl: the session is for " + session.mode() + ", which has no gradients to grow by; open "
                    + "one of mode " + Mode.TRAINING);
        }
        if (step < 0 || step >= end) {
            throw new IllegalArgumentException("rigl: an exchange after step " + step + ", must be in [0, " + end
                    + "), before T_end; ask due(step) first");
        }
        int[] parameters = Arrays.stream(layers.of(session.network())).filter(p -> session.gradient(p) != null)
                .filter(p -> count(step, session.mask(p).count(), session.mask(p).size()) > 0).toArray();
        if (parameters.length == 0) {
            return 0;
        }
        TopK[] largest = new TopK[parameters.length];
        for (int i = 0; i < largest.length; i++) {
            largest[i] = new TopK(count(step, session.mask(parameters[i]).count(), session.mask(parameters[i]).size()));
        }
        session.backward(objective, targets, parameters, largest);
        ModelState state = session.state();
        int exchanged = 0;
        for (int i = 0; i < parameters.length; i++) {
            int p = parameters[i];
            GrowAndPrune.Adjusted adjusted = exchange(state, p, session.gradient(p), largest[i]);
            exchanged += adjusted.changes().getFirst().grown().length;
            state = adjusted.state();
        }
        session.load(state);
        return exchanged;
    }

    /**
     * What is given up may grow again at once, and stays as it was then; where fewer positions than asked have a gradient, the largest of
     * what was given up stays, too.
     */
    private static GrowAndPrune.Adjusted exchange(ModelState state, int p, float[] gradient, TopK largest) {
        Mask mask = state.mask(p);
        int[] smallest = Magnitude.smallest(state.values(p), largest.capacity());
        for (int place : smallest) {
            largest.offer(mask.index(place), gradient[place]);
        }
        List<Integer> grow = new ArrayList<>();
        boolean[] stays = new boolean[mask.count()];
        for (int index : largest.sorted().indices()) {
            if (mask.contains(index)) {
                stays[mask.find(index)] = true;
            } else {
                grow.add(index);
            }
        }
        int[] leave = Arrays.stream(smallest).filter(place -> !stays[place]).limit(grow.size()).toArray();
        return GrowAndPrune.exchange(state, p, grow.stream().mapToInt(index -> index).toArray(), leave);
    }
}

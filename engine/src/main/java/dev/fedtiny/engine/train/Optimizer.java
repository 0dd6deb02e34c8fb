package dev.fedtiny.engine.train;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;
import java.io.IOException;
import java.nio.file.Path;

/**
 * How trained values are updated: an immutable value that names a rule for every parameter. {@link UpdateRule}s ({@link Sgd}, {@link Adam},
 * {@link AdamW}, {@link RmsProp}) are optimisers with one rule for all, {@link ParameterGroups} have several. What an optimiser remembers
 * lives in the {@link Updater} made for one session.
 */
public interface Optimizer {
    /**
     * {@return the rule of a parameter; always the same one}
     *
     * @param parameter of the network that is trained
     */
    UpdateRule rule(Parameter parameter);

    /**
     * {@return what a step's learning rate is multiplied by for a parameter; at least 0 and finite}
     *
     * @param parameter of the network that is trained
     */
    default double rateFactor(Parameter parameter) {
        return 1;
    }

    /**
     * {@return fresh state over the session's trained values}
     *
     * @param session of mode TRAINING
     * @throws IllegalArgumentException if the session is not of mode TRAINING, a rate factor is negative or not finite, or a rule has two
     *     states of one name or a name that no file can say
     */
    default Updater bind(Session session) {
        Given.notNull(session, "optimizer: session", "an open session of mode TRAINING");
        return new ParameterUpdater(this, session);
    }

    /**
     * {@return bytes of the state that {@link #bind} will hold}
     *
     * @param network that is trained
     * @param kept active positions of every parameter, in the order of {@link Network#parameters()}
     */
    default long stateBytes(Network network, int[] kept) {
        Settings.checkKept("optimizer", network, kept);
        long bytes = 0;
        for (int i = 0; i < kept.length; i++) {
            bytes += network.isTrained(i) ? 4L * kept[i] * rule(network.parameters().get(i)).state().size() : 0;
        }
        return bytes;
    }

    /**
     * An optimiser's state for one session; a step allocates nothing, unless masks have changed. State belongs to positions: when
     * {@link Session#load} brings other masks, a position that stays keeps its state, and a new one begins with zeros. Loading other values
     * leaves it as it is.
     */
    interface Updater {
        /**
         * Changes every trained value by its gradient.
         *
         * @param learningRate at least 0, and finite in single precision, as it is times {@link Optimizer#rateFactor} of each parameter
         * @throws IllegalArgumentException if the rate is something else; nothing has changed then
         * @throws IllegalStateException if the session has no gradients of its values and masks, is closed, or another thread is inside;
         *     nothing has changed then
         * @throws dev.fedtiny.engine.tensor.NonFiniteException naming the first value, or number of the state, that the
         *     step made no number (as squares of gradients beyond 1e19 are), unless the session does not look for them; both have changed
         */
        void step(double learningRate);

        /**
         * Refuses a rate that {@link #step} would refuse, for who has to know before a pass that ends in the step.
         *
         * @param learningRate as for {@link #step}
         * @throws IllegalArgumentException if the rate is something else
         */
        default void checkRate(double learningRate) {
            ParameterUpdater.checkRate("optimiser", learningRate);
        }

        /** {@return steps taken, those before {@link #restore} included} */
        long steps();

        /** {@return bytes of the state's arrays} */
        long bytes();

        /**
         * Writes the state as a safetensors file, under a temporary name that is then changed: a tensor PARAMETER/STATE for every array,
         * in the order of the mask, and the steps taken. Together with the session's state as a model file it is all that training goes on
         * from, bit by bit. Dropout's stream of random numbers is in neither file: a network with dropout goes on bit by bit only where its
         * stream is given the same seed ({@link Session#seedDropout}) when the state is saved and when it is restored.
         *
         * @param file of safetensors
         * @throws dev.fedtiny.engine.tensor.NonFiniteException naming the first number of the state that is none, as squares of gradients
         *     beyond 1e19 are; an older file is still there then
         * @throws IOException if that fails; an older file is still there then
         */
        void save(Path file) throws IOException;

        /**
         * Reads what {@link #save} has written. A file says whose numbers it has ({@link UpdateRule#kind}), not by which settings: give the
         * optimiser those that it was saved with, its β or momentum. Files of builds before 0.1.0 do not say whose either; they are taken
         * where their tensors, and the order of these, are the optimiser's own. That tells all rules of this package apart but Adam and
         * AdamW, which remember the same, and does not tell a rule of one's own from one that calls its state the same.
         *
         * @param file of safetensors
         * @throws dev.fedtiny.engine.io.SafetensorsException if the file is damaged, of an optimiser that remembers something else, or of
         *     another network or other masks than this session's; names the tensor. Nothing has changed then
         * @throws IOException if reading fails; nothing has changed then
         */
        void restore(Path file) throws IOException;
    }
}

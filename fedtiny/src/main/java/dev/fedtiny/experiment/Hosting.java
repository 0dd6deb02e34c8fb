package dev.fedtiny.experiment;

import dev.fedtiny.federation.process.DeviceFigures;
import dev.fedtiny.federation.process.PooledProcess;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Where the devices of a run are, and how they are reached. On this machine they are in threads or in processes; a fleet of anybody else's
 * runs with everything else a run has, its directory, checkpoints and command line, by an implementation of this interface, which a
 * {@link FleetProvider} opens.
 */
public interface Hosting extends AutoCloseable {
    /** Makes devices ready for a run. */
    @FunctionalInterface
    interface Opener {
        /**
         * The devices of an experiment, greeted.
         *
         * @param experiment its settings
         * @param plan what all methods have in common
         * @param data the images as the experiment splits them; devices elsewhere have their own in place of its devices' shares
         * @param directory of the run
         * @param notes takes what a user should know
         * @return the devices; the caller closes them
         * @throws IOException if a file or a connection fails
         */
        Hosting open(Experiment experiment, TrainingPlan plan, FederatedData data, Path directory, Consumer<String> notes)
                throws IOException;
    }

    /** {@return the federation; closed with this} */
    FederationContext context();

    /** {@return what is known of device processes, for the metrics; empty where there are none, or nothing is known of them} */
    default List<DeviceFigures> figures() {
        return List.of();
    }

    /** {@return whether the devices hold the shares that the experiment's split gives them; false: they have data of their own} */
    default boolean holdsShares() {
        return true;
    }

    /** {@return processes of a pool in which devices take turns, for the metrics; empty where there is none} */
    default List<PooledProcess> processes() {
        return List.of();
    }

    /** {@return seconds that all exchanges would have taken on simulated devices; empty where there are none} */
    default OptionalDouble simulatedSeconds() {
        return OptionalDouble.empty();
    }

    /** {@return what became of the devices, in words, at the end of a run; empty where there is nothing to say} */
    default String summary() {
        return "";
    }

    /**
     * Lets go of the devices of a run that has failed and may go on: those that can wait for its server are told nothing. By default they
     * are ended.
     *
     * @throws IOException if a file cannot be closed or removed
     */
    default void abandon() throws IOException {
        close();
    }

    /**
     * Ends the devices' part in the run.
     *
     * @throws IOException if a file cannot be removed
     */
    @Override
    void close() throws IOException;
}

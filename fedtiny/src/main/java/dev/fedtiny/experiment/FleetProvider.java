package dev.fedtiny.experiment;

import dev.fedtiny.method.TrainingPlan;

/**
 * A place where the devices of a run can work, by the name that the setting {@code devices-on} gives it. Whoever has a fleet of their own,
 * on a cluster for example, gets run directories, checkpoints, metrics and the command line by one. Implementations have a public
 * constructor without parameters and are registered as {@link java.util.ServiceLoader} says: by {@code provides
 * dev.fedtiny.experiment.FleetProvider with ...} in a module's descriptor, and for the class path by their name in
 * {@code META-INF/services/dev.fedtiny.experiment.FleetProvider}. Results never depend on where devices work.
 */
public interface FleetProvider extends Hosting.Opener {
    /** {@return the value of the setting} Small letters, digits and hyphens. */
    String name();

    /** {@return where the devices are, for the help of the setting: half a sentence} */
    String place();

    /**
     * Whether devices use this process's memory and processors, which are then planned against.
     *
     * @return true for threads of this process
     */
    default boolean inThisProcess() {
        return false;
    }

    /**
     * Checks before anything is made that devices can work there.
     *
     * @param experiment its settings
     * @param plan what all methods have in common
     * @throws IllegalArgumentException if they cannot, naming the setting
     */
    default void check(Experiment experiment, TrainingPlan plan) {
    }
}

package dev.fedtiny.experiment;

import dev.fedtiny.cluster.TurnEngine;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A cluster engine that work can be spread with: the devices of a run ({@code devices-on}), or whole runs of a sweep. An adapter for one is
 * this, and a {@link TurnEngine}.
 */
public interface EngineProvider extends FleetProvider {
    /**
     * Connects to a cluster that is there.
     *
     * @param members addresses as the setting {@code cluster} gives them
     * @return reaches its nodes; the caller closes it
     * @throws IOException if nobody answers there, or the engine's own classes are not here: with what helps
     */
    TurnEngine connect(List<NodeAddress> members) throws IOException;

    /**
     * Makes this virtual machine a node, which {@link dev.fedtiny.cluster.TurnWorker} describes, until it ends.
     *
     * @param listen where other nodes and drivers reach it; its port is the only one
     * @param join addresses of nodes that are there, which may include this one; none: it begins a cluster
     * @param notes takes what a user should know
     * @return runs until it is closed
     * @throws IOException if the port cannot be had
     * @throws UnsupportedOperationException if the engine starts its nodes itself: with how
     */
    AutoCloseable node(NodeAddress listen, List<NodeAddress> join, Consumer<String> notes) throws IOException;

    @Override
    default Hosting open(Experiment experiment, TrainingPlan plan, FederatedData data, Path directory, Consumer<String> notes)
            throws IOException {
        return EngineHosting.open(connect(experiment.get(Setting.CLUSTER)), experiment, plan, data, notes);
    }
}

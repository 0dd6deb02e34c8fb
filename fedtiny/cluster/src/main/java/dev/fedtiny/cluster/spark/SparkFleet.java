package dev.fedtiny.cluster.spark;

import dev.fedtiny.cluster.TurnEngine;
import dev.fedtiny.experiment.EngineProvider;
import dev.fedtiny.experiment.NodeAddress;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * Nodes are the executors of a Spark application (Apache License 2.0), for people who have such a cluster; the driver is the application.
 */
public final class SparkFleet implements EngineProvider {
    /** For the service loader. */
    public SparkFleet() {
    }

    @Override
    public String name() {
        return "spark";
    }

    @Override
    public String place() {
        return "executors of Spark, when this program is started by spark-submit";
    }

    @Override
    public TurnEngine connect(List<NodeAddress> members) throws IOException {
        try {
            return new SparkEngine();
        } catch (NoClassDefFoundError e) {
            throw new IOException("Spark's classes are not here: start this program by spark-submit, as docs/cluster.md shows", e);
        }
    }

    @Override
    public AutoCloseable node(NodeAddress listen, List<NodeAddress> join, Consumer<String> notes) {
        throw new UnsupportedOperationException("Spark starts its executors itself; give --shares and --slots of nodes as system "
                + "properties of executors: docs/cluster.md");
    }
}

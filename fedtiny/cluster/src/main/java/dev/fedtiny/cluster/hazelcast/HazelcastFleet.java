package dev.fedtiny.cluster.hazelcast;

import dev.fedtiny.cluster.TurnEngine;
import dev.fedtiny.experiment.EngineProvider;
import dev.fedtiny.experiment.NodeAddress;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Nodes are members of a Hazelcast cluster, the open community edition (Apache License 2.0); a driver is a client of it. Names no class of
 * Hazelcast's, since the service loader also makes it where only another engine's classes are.
 */
public final class HazelcastFleet implements EngineProvider {
    static final String GROUP = "fedtiny";
    /** Buffers of a connection between driver and node: a model goes through in few pieces, each of which wakes somebody. */
    static final int SOCKET_KIB = 1024;
    /** Parts of a cluster that find each other again become one after so many seconds. */
    private static final String MERGE_SECONDS = "30";
    /** Held, or the logging would forget that only what is serious is to be seen. */
    private static final Logger LOG = Logger.getLogger("com.hazelcast");

    /** For the service loader. */
    public HazelcastFleet() {
        LOG.setLevel(Level.SEVERE);
    }

    @Override
    public String name() {
        return "hazelcast";
    }

    @Override
    public String place() {
        return "nodes that 'fedtiny node' starts on any number of machines, at the addresses of the setting cluster";
    }

    @Override
    public AutoCloseable node(NodeAddress listen, List<NodeAddress> join, Consumer<String> notes) throws IOException {
        return HazelcastNode.start(listen, join, notes);
    }

    static Properties properties() {
        Properties properties = new Properties();
        properties.putAll(Map.of("hazelcast.logging.type", "jdk", "hazelcast.phone.home.enabled", "false", "hazelcast.shutdownhook.enabled",
                "false", "hazelcast.socket.bind.any", "false", "hazelcast.merge.first.run.delay.seconds", MERGE_SECONDS,
                "hazelcast.merge.next.run.delay.seconds", MERGE_SECONDS));
        return properties;
    }

    @Override
    public TurnEngine connect(List<NodeAddress> members) throws IOException {
        return HazelcastEngine.connect(members);
    }
}

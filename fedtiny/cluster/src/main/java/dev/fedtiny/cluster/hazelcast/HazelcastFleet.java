package dev.fedtiny.cluster.hazelcast;

import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import dev.fedtiny.cluster.TurnEngine;
import dev.fedtiny.experiment.EngineProvider;
import dev.fedtiny.experiment.NodeAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Nodes are members of a Hazelcast cluster, the open community edition (Apache License 2.0); a driver is a client of it. */
public final class HazelcastFleet implements EngineProvider {
    static final String GROUP = "fedtiny";
    /** Buffers of a connection between driver and node: a model goes through in few pieces, each of which wakes somebody. */
    static final int SOCKET_KIB = 1024;
    /** More threads than any node has slots: the driver decides how many turns a node has. */
    private static final int THREADS = 1100;
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
        Config config = new Config().setClusterName(GROUP).setProperties(properties());
        String host = InetAddress.getByName(listen.host()).getHostAddress();
        config.getNetworkConfig().setPort(listen.port()).setPortAutoIncrement(false).setPublicAddress(host + ":" + listen.port())
                .getInterfaces().setEnabled(true).addInterface(host);
        JoinConfig joining = config.getNetworkConfig().getJoin();
        joining.getMulticastConfig().setEnabled(false);
        joining.getAutoDetectionConfig().setEnabled(false);
        joining.getTcpIpConfig().setEnabled(true).setMembers(join.stream().map(NodeAddress::toString).toList());
        config.setProperty("hazelcast.socket.client.receive.buffer.size", Integer.toString(SOCKET_KIB))
                .setProperty("hazelcast.socket.client.send.buffer.size", Integer.toString(SOCKET_KIB));
        Call.register(config.getSerializationConfig());
        config.getExecutorConfig(HazelcastEngine.TURNS).setPoolSize(THREADS);
        HazelcastInstance member = Hazelcast.newHazelcastInstance(config);
        notes.accept(size(member));
        member.getCluster().addMembershipListener(new MembershipListener() {
            @Override
            public void memberAdded(MembershipEvent event) {
                notes.accept("a node has come: " + size(member));
            }

            @Override
            public void memberRemoved(MembershipEvent event) {
                notes.accept("a node is gone, or cannot be reached: " + size(member));
            }
        });
        member.getLifecycleService().addLifecycleListener(event -> {
            if (event.getState() == LifecycleState.MERGED) {
                notes.accept("the cluster had come apart, and this node is with the others again: " + size(member));
            }
        });
        return member::shutdown;
    }

    private static String size(HazelcastInstance member) {
        int nodes = member.getCluster().getMembers().size();
        return "the cluster has " + nodes + (nodes == 1 ? " node" : " nodes");
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

package dev.fedtiny.cluster.hazelcast;

import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import dev.fedtiny.experiment.NodeAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;

/** A member of the cluster, which works for drivers. */
final class HazelcastNode {
    /** More threads than any node has slots: the driver decides how many turns a node has. */
    private static final int THREADS = 1100;

    private HazelcastNode() {
    }

    /** Starts one that joins the others, and says on {@code notes} when nodes come and go. Closing it leaves the cluster. */
    static AutoCloseable start(NodeAddress listen, List<NodeAddress> join, Consumer<String> notes) throws IOException {
        Config config = new Config().setClusterName(HazelcastFleet.GROUP).setProperties(HazelcastFleet.properties());
        String host = InetAddress.getByName(listen.host()).getHostAddress();
        config.getNetworkConfig().setPort(listen.port()).setPortAutoIncrement(false).setPublicAddress(host + ":" + listen.port())
                .getInterfaces().setEnabled(true).addInterface(host);
        JoinConfig joining = config.getNetworkConfig().getJoin();
        joining.getMulticastConfig().setEnabled(false);
        joining.getAutoDetectionConfig().setEnabled(false);
        joining.getTcpIpConfig().setEnabled(true).setMembers(join.stream().map(NodeAddress::toString).toList());
        config.setProperty("hazelcast.socket.client.receive.buffer.size", Integer.toString(HazelcastFleet.SOCKET_KIB))
                .setProperty("hazelcast.socket.client.send.buffer.size", Integer.toString(HazelcastFleet.SOCKET_KIB));
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
}

package dev.fedtiny.cluster.hazelcast;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.ExecutionCallback;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import dev.fedtiny.cluster.TurnEngine;
import dev.fedtiny.cluster.TurnWorker;
import dev.fedtiny.experiment.EngineProvider;
import dev.fedtiny.experiment.NodeAddress;
import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Nodes are members of a Hazelcast cluster, the open community edition (Apache License 2.0); a driver is a client of it. */
public final class HazelcastFleet implements EngineProvider {
    private static final String NAME = "hazelcast";
    private static final String GROUP = "fedtiny";
    private static final String TURNS = "turns";
    /** More threads than any node has slots: the driver decides how many turns a node has. */
    private static final int THREADS = 1100;
    /** Held, or the logging would forget that only what is serious is to be seen. */
    private static final Logger LOG = Logger.getLogger("com.hazelcast");

    /** For the service loader. */
    public HazelcastFleet() {
        LOG.setLevel(Level.SEVERE);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String place() {
        return "nodes that 'fedtiny node' starts on any number of machines, at the addresses of the setting cluster";
    }

    /** A turn as it travels. */
    private record Call(byte[] turn) implements Callable<byte[]>, Serializable {
        @Override
        public byte[] call() {
            return TurnWorker.run(turn);
        }
    }

    @Override
    public AutoCloseable node(NodeAddress listen, List<NodeAddress> join, Consumer<String> notes)
            throws IOException {
        Config config = new Config().setClusterName(GROUP).setProperties(properties());
        String host = InetAddress.getByName(listen.host()).getHostAddress();
        config.getNetworkConfig().setPort(listen.port()).setPortAutoIncrement(false).setPublicAddress(host + ":" + listen.port())
                .getInterfaces().setEnabled(true).addInterface(host);
        JoinConfig joining = config.getNetworkConfig().getJoin();
        joining.getMulticastConfig().setEnabled(false);
        joining.getAutoDetectionConfig().setEnabled(false);
        joining.getTcpIpConfig().setEnabled(true).setMembers(join.stream().map(NodeAddress::toString).toList());
        config.getExecutorConfig(TURNS).setPoolSize(THREADS);
        HazelcastInstance member = Hazelcast.newHazelcastInstance(config);
        notes.accept("the cluster has " + member.getCluster().getMembers().size() + " nodes");
        return member::shutdown;
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.putAll(Map.of("hazelcast.logging.type", "jdk", "hazelcast.phone.home.enabled", "false", "hazelcast.shutdownhook.enabled",
                "false", "hazelcast.socket.bind.any", "false"));
        return properties;
    }

    @Override
    public TurnEngine connect(List<NodeAddress> members) throws IOException {
        ClientConfig config = new ClientConfig().setClusterName(GROUP);
        properties().forEach((key, value) -> config.setProperty((String) key, (String) value));
        config.getNetworkConfig().setAddresses(members.stream().map(NodeAddress::toString).toList());
        config.getConnectionStrategyConfig().getConnectionRetryConfig().setClusterConnectTimeoutMillis(20_000);
        try {
            return new Engine(HazelcastClient.newHazelcastClient(config));
        } catch (IllegalStateException e) {
            throw new IOException("no node of a cluster answers at " + members + "; start one with 'fedtiny node "
                    + "--listen HOST:PORT', or set cluster to where it listens", e);
        }
    }

    /** A key is the number of a member in the order in which this driver met it. */
    private static final class Engine implements TurnEngine {
        private final HazelcastInstance client;
        private final Map<Integer, Member> members = new TreeMap<>();
        private int met;

        private Engine(HazelcastInstance client) {
            this.client = client;
        }

        @Override
        public CompletableFuture<byte[]> submit(int key, byte[] turn) {
            Member member;
            synchronized (this) {
                member = members.get(key);
            }
            if (member == null) {
                return CompletableFuture.failedFuture(new IllegalStateException("the member has left"));
            }
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            client.getExecutorService(TURNS).submitToMember(new Call(turn), member,
                    new ExecutionCallback<byte[]>() {
                        @Override
                        public void onResponse(byte[] response) {
                            answer.complete(response);
                        }

                        @Override
                        public void onFailure(Throwable failure) {
                            answer.completeExceptionally(failure);
                        }
                    });
            return answer;
        }

        @Override
        public synchronized List<Integer> keys() {
            Set<Member> there = client.getCluster().getMembers();
            members.values().retainAll(there);
            there.stream().filter(member -> !members.containsValue(member)).forEach(member -> members.put(met++, member));
            return List.copyOf(members.keySet());
        }

        @Override
        public void close() {
            client.shutdown();
        }
    }
}

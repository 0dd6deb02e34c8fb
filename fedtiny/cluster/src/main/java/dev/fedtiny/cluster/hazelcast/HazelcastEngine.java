package dev.fedtiny.cluster.hazelcast;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.client.config.ClientConnectionStrategyConfig.ReconnectMode;
import com.hazelcast.cluster.Member;
import com.hazelcast.config.ListenerConfig;
import com.hazelcast.core.ExecutionCallback;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.core.LifecycleListener;
import dev.fedtiny.cluster.TurnEngine;
import dev.fedtiny.experiment.NodeAddress;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A client of the members. A key is the number of a member in the order in which this driver met it. */
final class HazelcastEngine implements TurnEngine {
    static final String TURNS = "turns";
    private static final int SECONDS_TO_CONNECT = 20;
    private static final int MOST_MILLIS_BETWEEN_ATTEMPTS = 2_000;

    private final Map<Integer, Member> members = new TreeMap<>();
    private final CountDownLatch connected = new CountDownLatch(1);
    private final HazelcastInstance client;
    private volatile boolean there;
    private int met;

    private HazelcastEngine(ClientConfig config) {
        config.addListenerConfig(new ListenerConfig((LifecycleListener) event -> {
            there = event.getState() == LifecycleState.CLIENT_CONNECTED || there && event.getState() != LifecycleState.CLIENT_DISCONNECTED;
            if (there) {
                connected.countDown();
            }
        }));
        client = HazelcastClient.newHazelcastClient(config);
    }

    /** A client that looks for its cluster again whenever it has lost it, for as long as it is open. */
    static HazelcastEngine connect(List<NodeAddress> members) throws IOException {
        ClientConfig config = new ClientConfig().setClusterName(HazelcastFleet.GROUP);
        HazelcastFleet.properties().forEach((key, value) -> config.setProperty((String) key, (String) value));
        Call.register(config.getSerializationConfig());
        config.getNetworkConfig().getSocketOptions().setBufferSize(HazelcastFleet.SOCKET_KIB);
        config.getNetworkConfig().setAddresses(members.stream().map(NodeAddress::toString).toList());
        config.getConnectionStrategyConfig().setAsyncStart(true).setReconnectMode(ReconnectMode.ASYNC).getConnectionRetryConfig()
                .setClusterConnectTimeoutMillis(Long.MAX_VALUE).setMaxBackoffMillis(MOST_MILLIS_BETWEEN_ATTEMPTS);
        HazelcastEngine engine = new HazelcastEngine(config);
        try {
            if (engine.connected.await(SECONDS_TO_CONNECT, TimeUnit.SECONDS)) {
                return engine;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        engine.close();
        throw new IOException("no node of a cluster answers at " + members + "; start one with 'fedtiny node --listen HOST:PORT', or set "
                + "cluster to where it listens");
    }

    @Override
    public CompletableFuture<byte[]> submit(int key, byte[] turn) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        Member member;
        synchronized (this) {
            member = members.get(key);
        }
        if (member == null) {
            answer.completeExceptionally(new IllegalStateException("the member has left"));
            return answer;
        }
        client.getExecutorService(TURNS).submitToMember(new Call(turn), member, new ExecutionCallback<byte[]>() {
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
        Set<Member> now = there ? client.getCluster().getMembers() : Set.of();
        members.values().retainAll(now);
        now.stream().filter(member -> !members.containsValue(member)).forEach(member -> members.put(met++, member));
        return List.copyOf(members.keySet());
    }

    @Override
    public void close() {
        client.shutdown();
    }
}

package dev.fedtiny.benchmarks.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.cluster.TurnCost;
import dev.fedtiny.cluster.TurnEngine;
import dev.fedtiny.cluster.TurnWorker;
import dev.fedtiny.experiment.EngineProvider;
import dev.fedtiny.experiment.NodeAddress;
import dev.fedtiny.experiment.Setting;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ClusterTurnsTest {
    /** One node, this process. */
    private static final class Here implements EngineProvider {
        @Override
        public String name() {
            return "here";
        }

        @Override
        public String place() {
            return "this process";
        }

        @Override
        public TurnEngine connect(List<NodeAddress> members) {
            ExecutorService threads = Executors.newCachedThreadPool();
            return new TurnEngine() {
                @Override
                public CompletableFuture<byte[]> submit(int key, byte[] turn) {
                    return CompletableFuture.supplyAsync(() -> TurnWorker.run(turn), threads);
                }

                @Override
                public List<Integer> keys() {
                    return List.of(0);
                }

                @Override
                public void close() {
                    threads.shutdown();
                }
            };
        }

        @Override
        public AutoCloseable node(NodeAddress listen, List<NodeAddress> join, Consumer<String> notes) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void turnsOfBothKindsHaveWorkBytesAndOverhead() throws Exception {
        TurnWorker.configure(2, Optional.empty(), Optional.of("here"));
        List<String> notes = Collections.synchronizedList(new ArrayList<>());
        ClusterTurns.Measured measured = new ClusterTurns(new Here(), Map.of(Setting.METHOD, "fedavg", Setting.MODEL, "cnn-8-8-8",
                Setting.PRETRAIN_EPOCHS, "0", Setting.EPOCHS, "1", Setting.BATCH, "8"), 1, 8).measure(5, 0, notes::add);
        assertEquals(2, measured.slots());
        assertEquals(5, measured.alone().size());
        assertEquals(5, measured.engine().size());
        for (int i = 0; i < 5; i++) {
            TurnCost turn = measured.alone().get(i);
            TurnCost echo = measured.engine().get(i);
            assertTrue(echo.workNanos() >= turn.workNanos(), echo + " is as long as " + turn);
            assertTrue(echo.sentBytes() >= turn.sentBytes() && echo.answerBytes() >= turn.answerBytes(), echo + " is as large as " + turn);
        }
        // Rounds of two devices a slot.
        assertEquals(8, measured.loaded().size());
        List<TurnCost> all = new ArrayList<>(measured.alone());
        all.addAll(measured.loaded());
        for (TurnCost cost : all) {
            assertTrue(cost.workNanos() > 0 && cost.wayNanos() > 0 && cost.sentBytes() > 0 && cost.answerBytes() > 0, cost.toString());
        }
        // By itself every turn brings a model; of turns of one round the node gets it once.
        long least = measured.alone().stream().mapToLong(TurnCost::sentBytes).min().orElseThrow();
        assertEquals(measured.loaded().size() / 4, measured.loaded().stream().filter(cost -> cost.sentBytes() >= least).count());
        assertTrue(notes.contains("node 'here' works on 2 turns at a time"), notes.toString());
    }
}

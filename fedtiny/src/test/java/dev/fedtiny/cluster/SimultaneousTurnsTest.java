package dev.fedtiny.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.fedtiny.data.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What turns that are sent at the same time, and looks at the cluster that are taken at the same time, do to each other. */
class SimultaneousTurnsTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    private static Job job(Map<String, Supplier<byte[]>> objects) {
        return new Job() {
            @Override
            public String what() {
                return "the work";
            }

            @Override
            public String task() {
                return "any";
            }

            @Override
            public Work work() {
                return new Work(new byte[0], objects, Map.of());
            }

            @Override
            public void done(NodeFacts node, byte[] content) {
                throw new AssertionError();
            }

            @Override
            public void failed(String sentence) {
                throw new AssertionError(sentence);
            }
        };
    }

    /** Two turns name the same two objects, each in its own order, and each sends the one that it comes to first. */
    @Test
    void turnsThatSendTheSameObjectsDoNotWaitForEachOther() throws Exception {
        TurnNode node = new TurnNode(2, Optional.empty(), Optional.of("node"));
        LocalTurnEngine engine = new LocalTurnEngine();
        engine.join(0, _ -> new TurnAnswer.Done(node.facts().id(), 1, new byte[0]).encode());
        Courier courier = new Courier(engine, false, LONG);
        CyclicBarrier bothHaveOne = new CyclicBarrier(2);
        List<String> contents = List.of("one", "another");
        List<CompletableFuture<TurnAnswer>> answers = new ArrayList<>();
        for (List<String> order : List.of(contents, contents.reversed())) {
            Map<String, Supplier<byte[]>> objects = new LinkedHashMap<>();
            for (String content : order) {
                byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
                objects.put(Sha256.of(bytes), () -> {
                    try {
                        bothHaveOne.await(200, TimeUnit.MILLISECONDS);
                    } catch (Exception e) {
                        // The other one waits until this turn has sent it.
                    }
                    return bytes;
                });
            }
            CompletableFuture<TurnAnswer> answer = new CompletableFuture<>();
            answers.add(answer);
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    answer.complete(courier.ask(new Place(0), node.facts(), job(objects)));
                } catch (Exception e) {
                    answer.completeExceptionally(e);
                }
            });
        }
        for (CompletableFuture<TurnAnswer> answer : answers) {
            assertInstanceOf(TurnAnswer.Done.class, answer.get(30, TimeUnit.SECONDS));
        }
        engine.close();
    }

    /** An engine whose first answer to the question who is there comes after its second. */
    @Test
    void whatAnEngineSaidBeforeDoesNotCountAfterWhatItSaidLast() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        CountDownLatch looking = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);
        TurnEngine engine = new TurnEngine() {
            @Override
            public CompletableFuture<byte[]> submit(int key, byte[] turn) {
                return new CompletableFuture<>();
            }

            @Override
            public List<Integer> keys() {
                if (looks.incrementAndGet() == 1) {
                    looking.countDown();
                    try {
                        seen.await(300, TimeUnit.MILLISECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return List.of(0);
                }
                return List.of(0, 1);
            }

            @Override
            public void close() {
            }
        };
        Nodes nodes = new Nodes(engine, new Courier(engine, false, LONG), Cluster.Rules.USUAL, _ -> { }, _ -> { }, () -> { });
        Thread slow = Thread.ofPlatform().start(nodes::refresh);
        looking.await();
        nodes.refresh();
        seen.countDown();
        slow.join();
        assertEquals(List.of(0, 1), nodes.present().stream().map(Place::key).toList());
    }
}

package dev.fedtiny.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * An engine in this process, for tests: a node is a function from turns to answers with threads of its own, and can be killed, stopped and
 * replaced. Nodes of {@link OwnClasses} have loaded all
 * classes of this project for themselves, as processes do.
 */
public final class LocalTurnEngine implements TurnEngine {
    private final Map<Integer, Member> members = new TreeMap<>();
    private final AtomicInteger turns = new AtomicInteger();
    private int asked;
    private volatile boolean closed;

    /** An engine without nodes. */
    public LocalTurnEngine() {
    }

    private static final class Member {
        private final UnaryOperator<byte[]> work;
        private final ExecutorService threads = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
        private final List<CompletableFuture<byte[]>> running = new ArrayList<>();

        Member(UnaryOperator<byte[]> work) {
            this.work = work;
        }
    }

    /** Nodes of this process's classes, each with so many slots. */
    public static LocalTurnEngine of(int nodes, int slots) {
        LocalTurnEngine engine = new LocalTurnEngine();
        for (int key = 0; key < nodes; key++) {
            TurnNode node = new TurnNode(slots, Optional.empty(), Optional.of("node-" + key));
            engine.join(key, node::run);
        }
        return engine;
    }

    /** A node comes, under a key that nobody has. */
    public synchronized void join(int key, UnaryOperator<byte[]> work) {
        members.put(key, new Member(work));
    }

    /** A node is gone, with all it does. */
    public void kill(int key) {
        Member gone;
        List<CompletableFuture<byte[]>> lost;
        synchronized (this) {
            gone = members.remove(key);
            lost = List.copyOf(gone.running);
        }
        gone.threads.shutdownNow();
        lost.forEach(future -> future.completeExceptionally(new IllegalStateException("member " + key + " left")));
    }

    /** How many turns were submitted, announcements included. */
    public int turns() {
        return turns.get();
    }

    @Override
    public CompletableFuture<byte[]> submit(int key, byte[] turn) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        turns.incrementAndGet();
        synchronized (this) {
            Member member = members.get(key);
            if (closed || member == null) {
                answer.completeExceptionally(new IllegalStateException("there is no member " + key));
                return answer;
            }
            member.running.add(answer);
            answer.whenComplete((_, _) -> {
                synchronized (this) {
                    member.running.remove(answer);
                }
            });
            member.threads.execute(() -> {
                try {
                    answer.complete(member.work.apply(turn));
                } catch (RuntimeException | Error e) {
                    answer.completeExceptionally(e);
                }
            });
        }
        return answer;
    }

    /** How often it was asked who is there. */
    public synchronized int asked() {
        return asked;
    }

    @Override
    public synchronized List<Integer> keys() {
        asked++;
        return List.copyOf(members.keySet());
    }

    @Override
    public void close() {
        closed = true;
        for (int key : keys()) {
            kill(key);
        }
    }
}

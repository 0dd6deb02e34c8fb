package dev.fedtiny.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/**
 * What every fleet does. A subclass says how scripted devices are reached: each answers a request with a frame of the given kind, after it
 * was allowed to.
 */
public abstract class FleetContractTest {
    /** Devices of the fleet under test, numbered from 0. */
    protected static final int DEVICES = 4;

    /** What can happen to a device. */
    public enum Fault {
        /** It stops in the middle of its work. */
        HANGS,
        /** It is gone, and may come back. */
        KILLED,
        /** It says something twice. */
        REPEATS
    }

    /** A fleet of scripted devices, and what can be done to them from outside. */
    public interface Scripted extends AutoCloseable {
        /** The fleet, its devices greeted. */
        Fleet fleet();

        /** What can happen to its devices. */
        Set<Fault> faults();

        /** From now on the device answers nothing until it is told to go on. */
        default void hang(int device) throws Exception {
            throw new UnsupportedOperationException();
        }

        /** The device goes on. */
        default void goOn(int device) throws Exception {
            throw new UnsupportedOperationException();
        }

        /** The device is gone, in the middle of whatever it does. */
        default void kill(int device) throws Exception {
            throw new UnsupportedOperationException();
        }

        /** As much time passes as is waited for a word of a device that is gone, where the line does not say so itself. */
        default void silencePasses() {
        }

        /** A device that was killed, or hangs, is back, as another process. */
        default void comeBack(int device) throws Exception {
            throw new UnsupportedOperationException();
        }

        /** The device sends the answer to its last request once more, unasked. */
        default void repeatLastAnswer(int device) throws Exception {
            throw new UnsupportedOperationException();
        }

        @Override
        void close();
    }

    /** For subclasses. */
    protected FleetContractTest() {
    }

    /** Devices that answer every request of a round with {@link ContractFrames#answer}. */
    protected abstract Scripted scripted() throws Exception;

    /** The request of a round. */
    protected static Request request(int round, int device) {
        return ContractFrames.request(round, device);
    }

    /** What comes of an exchange, in the order in which it comes. */
    protected static final class Heard implements Fleet.Answers {
        final List<Integer> order = new ArrayList<>();
        final Map<Integer, byte[]> frames = new TreeMap<>();
        final Map<Integer, String> lost = new TreeMap<>();
        private final int target;
        private final Optional<Duration> within;
        private final long start = System.nanoTime();
        private int awaited;
        private Runnable then;

        Heard(int target, Optional<Duration> within) {
            this.target = target;
            this.within = within;
        }

        Heard() {
            this(Integer.MAX_VALUE, Optional.empty());
        }

        /** What is done when so many have answered. */
        Heard after(int count, Runnable action) {
            awaited = count;
            then = action;
            return this;
        }

        @Override
        public Optional<String> answered(int device, byte[] frame) {
            assertEquals(null, frames.put(device, frame.clone()), "device " + device + " was handed over twice");
            order.add(device);
            if (frames.size() == awaited) {
                then.run();
            }
            return Optional.empty();
        }

        @Override
        public void lost(int device, String reason) {
            assertEquals(null, lost.put(device, reason));
            assertFalse(frames.containsKey(device));
        }

        @Override
        public boolean open() {
            return frames.size() < target;
        }

        @Override
        public Optional<Duration> remaining() {
            return within.map(all -> {
                Duration left = all.minusNanos(System.nanoTime() - start);
                return left.isNegative() ? Duration.ZERO : left;
            });
        }
    }

    private static void exchange(Fleet fleet, int round, List<Integer> devices, Heard heard) {
        fleet.exchange(devices, device -> request(round, device), heard);
    }

    private static void assertAnswers(int round, List<Integer> devices, Heard heard) {
        assertEquals(devices, List.copyOf(heard.frames.keySet()), heard.lost.toString());
        heard.frames.forEach((device, frame) -> assertTrue(ContractFrames.answers(round, device, frame), "round " + round + ", device "
                + device));
    }

    @Test
    void everybodyAnswersOnceAndIsCounted() throws Exception {
        try (Scripted devices = scripted()) {
            Fleet fleet = devices.fleet();
            assertEquals(List.of(0, 1, 2, 3), fleet.roster());
            long framesBefore = fleet.traffic().frames(MessageKind.TRAIN);
            for (int round = 0; round < 3; round++) {
                Heard heard = new Heard();
                List<Integer> asked = round == 1 ? List.of(2, 0) : List.of(0, 1, 2, 3);
                exchange(fleet, round, asked, heard);
                assertAnswers(round, asked.stream().sorted().toList(), heard);
            }
            assertEquals(10, fleet.traffic().frames(MessageKind.TRAIN) - framesBefore);
            assertEquals(10, fleet.traffic().frames(MessageKind.UPDATE) + fleet.traffic().frames(MessageKind.FAILURE));
            assertEquals(10 * request(0, 0).frameBytes(), fleet.traffic().bytes(MessageKind.TRAIN));
        }
    }

    @Test
    void aBodyIsMadeForWhoeverAsks() throws Exception {
        try (Scripted devices = scripted()) {
            Map<Integer, Integer> made = new ConcurrentHashMap<>();
            Heard heard = new Heard();
            devices.fleet().exchange(List.of(3, 1), device -> {
                made.merge(device, 1, Integer::sum);
                return request(7, device);
            }, heard);
            assertAnswers(7, List.of(1, 3), heard);
            assertEquals(List.of(1, 3), made.keySet().stream().sorted().toList());
        }
    }

    @Test
    void itClosesWhenEnoughHaveAnswered() throws Exception {
        try (Scripted devices = scripted()) {
            Heard heard = new Heard(2, Optional.empty());
            exchange(devices.fleet(), 0, List.of(0, 1, 2, 3), heard);
            assertEquals(2, heard.frames.size());
            assertEquals(Map.of(), heard.lost);
            // Who was let go, in whatever it did, can be asked again at once, and answers this round and no other.
            Heard all = new Heard();
            exchange(devices.fleet(), 1, List.of(0, 1, 2, 3), all);
            assertAnswers(1, List.of(0, 1, 2, 3), all);
        }
    }

    @Test
    void oneThatHangsKeepsNobodyWaitingAndItsLateAnswerIsDropped() throws Exception {
        try (Scripted devices = scripted()) {
            assumeTrue(devices.faults().contains(Fault.HANGS), "these devices do not hang");
            devices.hang(0);
            Heard heard = new Heard(3, Optional.empty());
            exchange(devices.fleet(), 0, List.of(0, 1, 2, 3), heard);
            assertAnswers(0, List.of(1, 2, 3), heard);
            Heard others = new Heard();
            exchange(devices.fleet(), 1, List.of(1, 2, 3), others);
            assertAnswers(1, List.of(1, 2, 3), others);
            devices.goOn(0);
            Heard all = new Heard();
            exchange(devices.fleet(), 2, List.of(0, 1, 2, 3), all);
            assertAnswers(2, List.of(0, 1, 2, 3), all);
        }
    }

    @Test
    void itClosesWhenTimeIsUp() throws Exception {
        try (Scripted devices = scripted()) {
            assumeTrue(devices.faults().contains(Fault.HANGS), "these devices do not hang");
            devices.hang(1);
            Heard nobody = new Heard(Integer.MAX_VALUE, Optional.of(Duration.ofMillis(300)));
            exchange(devices.fleet(), 0, List.of(1), nobody);
            assertEquals(Map.of(), nobody.frames);
            devices.goOn(1);
            Heard all = new Heard();
            exchange(devices.fleet(), 1, List.of(0, 1, 2, 3), all);
            assertAnswers(1, List.of(0, 1, 2, 3), all);
        }
    }

    @Test
    void oneThatIsKilledIsLostAndTheOthersAreNot() throws Exception {
        try (Scripted devices = scripted()) {
            assumeTrue(devices.faults().contains(Fault.KILLED), "these devices are not killed");
            devices.kill(2);
            Heard heard = new Heard().after(3, devices::silencePasses);
            exchange(devices.fleet(), 0, List.of(0, 1, 2, 3), heard);
            assertAnswers(0, List.of(0, 1, 3), heard);
            assertEquals(List.of(2), List.copyOf(heard.lost.keySet()));
            devices.comeBack(2);
            Heard back = new Heard();
            exchange(devices.fleet(), 1, List.of(0, 1, 2, 3), back);
            assertAnswers(1, List.of(0, 1, 2, 3), back);
        }
    }

    /** A device that comes back while the server waits for the one before takes its place at once. */
    @Test
    void whoComesBackTakesThePlaceOfTheOneThatHangs() throws Exception {
        try (Scripted devices = scripted()) {
            assumeTrue(devices.faults().containsAll(Set.of(Fault.HANGS, Fault.KILLED)), "these devices do not hang");
            devices.hang(3);
            Heard heard = new Heard(1, Optional.empty());
            exchange(devices.fleet(), 0, List.of(1, 3), heard);
            assertAnswers(0, List.of(1), heard);
            devices.comeBack(3);
            Heard back = new Heard();
            exchange(devices.fleet(), 1, List.of(1, 3), back);
            assertAnswers(1, List.of(1, 3), back);
        }
    }

    @Test
    void anAnswerThatComesTwiceIsTakenOnce() throws Exception {
        try (Scripted devices = scripted()) {
            assumeTrue(devices.faults().contains(Fault.REPEATS), "these devices say nothing unasked");
            Heard first = new Heard();
            exchange(devices.fleet(), 0, List.of(0, 1, 2, 3), first);
            assertAnswers(0, List.of(0, 1, 2, 3), first);
            devices.repeatLastAnswer(1);
            Heard others = new Heard();
            exchange(devices.fleet(), 1, List.of(0, 2, 3), others);
            assertAnswers(1, List.of(0, 2, 3), others);
        }
    }
}

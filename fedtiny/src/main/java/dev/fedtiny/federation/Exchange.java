package dev.fedtiny.federation;

import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.Expectation;
import dev.fedtiny.protocol.Failure;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.Request;
import dev.fedtiny.protocol.ServerMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/**
 * One request to many devices: encodes what they share once, sends, decodes and checks, closes by its rule, and keeps account of who
 * answered and who did not. Not thread-safe, but for the making of requests.
 */
final class Exchange {
    /** As many bodies as a class of devices has at once: with masks for devices that hold none, without, and what is recalled. */
    private static final int BODIES_OF_A_CLASS = 3;

    private final Codec codec;
    private final Fleet fleet;
    private final int round;
    private final Closing closing;
    private final Deadline deadline;
    private final int bodies;
    /** The last messages and what they were encoded to. Guarded by itself. */
    private final List<Encoded> encoded = new ArrayList<>();
    private final Map<Integer, Long> bytesDown = new ConcurrentHashMap<>();
    private final Set<Integer> waiting = new HashSet<>();
    private final TreeSet<Integer> reporters = new TreeSet<>();
    private final List<DeviceFailure> failures = new ArrayList<>();
    private long startNanos;

    private record Encoded(ServerMessage message, Request.Body body) {
    }

    /** Takes a good answer. */
    interface Taker {
        /**
         * Called in the order in which answers come, on the caller's thread.
         *
         * @param answer what it says
         * @param frame as it came; empty where a fleet carries no bytes
         */
        void take(int device, DeviceMessage answer, byte[] frame);
    }

    Exchange(Codec codec, Fleet fleet, int round) {
        this(codec, fleet, round, Closing.WHEN_ALL_ANSWERED, Deadline.NONE, 1);
    }

    /**
     * Nothing asked yet.
     *
     * @param classes of devices that are asked different things at the same time, whose requests are kept encoded
     */
    Exchange(Codec codec, Fleet fleet, int round, Closing closing, Deadline deadline, int classes) {
        this.codec = codec;
        this.fleet = fleet;
        this.round = round;
        this.closing = closing;
        this.deadline = deadline;
        this.bodies = BODIES_OF_A_CLASS * classes;
    }

    /** A device that cannot even be asked, as a failure. */
    static DeviceFailure absence(int device, Optional<DeviceFailure> greeting) {
        return new DeviceFailure(device, greeting.map(DeviceFailure::cause).orElse(Cause.LOST), "device " + device
                + " did not present itself" + greeting.map(failure -> ": " + failure.reason()).orElse(""));
    }

    /**
     * Asks devices.
     *
     * @param requests the same object for all devices that are asked the same
     */
    void run(List<Integer> devices, IntFunction<ServerMessage> requests, IntFunction<Expectation> expected, Taker taker) {
        run(devices, requests, _ -> Optional.empty(), expected, taker);
    }

    /**
     * The same where requests presuppose something.
     *
     * @param recalled what a device must hold before its request; the same object for all devices that hold the same
     */
    void run(List<Integer> devices, IntFunction<ServerMessage> requests, IntFunction<Optional<ServerMessage>> recalled,
            IntFunction<Expectation> expected, Taker taker) {
        waiting.addAll(devices);
        startNanos = System.nanoTime();
        fleet.exchange(devices, new Fleet.Requests() {
            @Override
            public Request request(int device) {
                Request request = Request.of(round, device, body(requests.apply(device)));
                bytesDown.put(device, request.frameBytes());
                return request;
            }

            @Override
            public ServerMessage message(int device) {
                return requests.apply(device);
            }

            @Override
            public Optional<ServerMessage> recalled(int device) {
                return recalled.apply(device);
            }

            @Override
            public Optional<Request> recall(int device) {
                return recalled(device).map(message -> Request.of(round, device, body(message)));
            }

            @Override
            public int longestAnswer(int device) {
                return codec.longestAnswer(expected.apply(device));
            }
        }, new Taking(expected, taker));
        waiting.stream().sorted().forEach(device -> failures.add(letGo(device)));
        waiting.clear();
    }

    /** Checks answers and hands on those that are good. */
    private final class Taking implements Fleet.Answers {
        private final IntFunction<Expectation> expected;
        private final Taker taker;

        private Taking(IntFunction<Expectation> expected, Taker taker) {
            this.expected = expected;
            this.taker = taker;
        }

        @Override
        public Optional<String> answered(int device, byte[] frame) {
            if (!waiting.remove(device)) {
                return Optional.of("device " + device + " has nothing to answer here");
            }
            try {
                DeviceMessage answer = codec.decodeAnswer(frame, round, device, expected.apply(device));
                take(device, answer, bytesDown.get(device), frame.length, frame);
                return Optional.empty();
            } catch (ProtocolException e) {
                failures.add(new DeviceFailure(device, Cause.REJECTED, e.getMessage()));
                return Optional.of(e.getMessage());
            }
        }

        @Override
        public void answered(int device, DeviceMessage answer, long requestBytes, long answerBytes) {
            if (waiting.remove(device)) {
                take(device, answer, requestBytes, answerBytes, new byte[0]);
            }
        }

        private void take(int device, DeviceMessage answer, long requestBytes, long answerBytes, byte[] frame) {
            if (answer instanceof Failure failure) {
                failures.add(new DeviceFailure(device, failure.cause() == Failure.Cause.NOT_FINITE ? Cause.DIVERGED : Cause.REPORTED,
                        failure.cause() + ": " + failure.text()));
                return;
            }
            Optional<String> late = deadline.late(device, requestBytes, answerBytes);
            if (late.isPresent()) {
                failures.add(new DeviceFailure(device, Cause.LATE, late.get()));
            } else {
                taker.take(device, answer, frame);
                reporters.add(device);
            }
        }

        @Override
        public void lost(int device, String reason) {
            if (waiting.remove(device)) {
                failures.add(new DeviceFailure(device, Cause.LOST, reason));
            }
        }

        @Override
        public boolean open() {
            return reporters.size() < closing.target();
        }

        @Override
        public Optional<Duration> remaining() {
            return closing.within().map(within -> {
                Duration left = within.minusNanos(System.nanoTime() - startNanos);
                return left.isNegative() ? Duration.ZERO : left;
            });
        }
    }

    private DeviceFailure letGo(int device) {
        return reporters.size() >= closing.target() ? new DeviceFailure(device, Cause.RELEASED, "the " + closing.target()
                + " answers wanted were there before that of device " + device)
                : new DeviceFailure(device, Cause.LATE, "device " + device + " gave no answer within "
                + closing.within().map(within -> within.toMillis() / 1000.0 + " s, when the round was closed").orElse("the time it had"));
    }

    /** Takes devices out again whose answers were good by themselves but not beside the others'. */
    void refuse(List<DeviceFailure> refused) {
        refused.forEach(failure -> reporters.remove(failure.device()));
        failures.addAll(refused);
    }

    private Request.Body body(ServerMessage message) {
        synchronized (encoded) {
            for (Encoded known : encoded) {
                if (known.message() == message) {
                    return known.body();
                }
            }
            if (encoded.size() == bodies) {
                encoded.removeFirst();
            }
            encoded.add(new Encoded(message, codec.body(message)));
            return encoded.getLast().body();
        }
    }

    /** Who gave a good answer, ascending. */
    List<Integer> reporters() {
        return List.copyOf(reporters);
    }

    /** Who did not, or too late, by device. */
    List<DeviceFailure> failures() {
        return failures.stream().sorted(Comparator.comparingInt(DeviceFailure::device)).toList();
    }
}

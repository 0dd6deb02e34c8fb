package dev.fedtiny.federation;

import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.Expectation;
import dev.fedtiny.protocol.Failure;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.ServerMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/** One request to many devices: encodes, sends, decodes and checks, and keeps account of who answered and who did not. */
final class Exchange {
    private final Codec codec;
    private final Fleet fleet;
    private final int round;
    private final Deadline deadline;
    private final Map<Integer, Integer> bytesDown = new ConcurrentHashMap<>();
    private final List<Integer> reporters = new ArrayList<>();
    private final List<DeviceFailure> failures = new ArrayList<>();

    /** Takes a good answer. */
    interface Taker {
        /** Called in the order of the devices, on the caller's thread. */
        void take(int device, DeviceMessage answer);
    }

    Exchange(Codec codec, Fleet fleet, int round) {
        this(codec, fleet, round, Deadline.NONE);
    }

    Exchange(Codec codec, Fleet fleet, int round, Deadline deadline) {
        this.codec = codec;
        this.fleet = fleet;
        this.round = round;
        this.deadline = deadline;
    }

    /** Notes a device that cannot even be asked, and what it said, or did not say, when it was asked who it is. */
    void absent(int device, Optional<DeviceFailure> greeting) {
        failures.add(absence(device, greeting));
    }

    /** A device that cannot even be asked, as a failure. */
    static DeviceFailure absence(int device, Optional<DeviceFailure> greeting) {
        return new DeviceFailure(device, greeting.map(DeviceFailure::cause).orElse(Cause.LOST), "device " + device
                + " did not present itself" + greeting.map(failure -> ": " + failure.reason()).orElse(""));
    }

    /** Asks devices, in the order given. */
    void run(List<Integer> devices, IntFunction<ServerMessage> requests, IntFunction<Expectation> expected, Taker taker) {
        Fleet.Requests asking = new Fleet.Requests() {
            @Override
            public byte[] frame(int device) {
                return request(device, requests.apply(device));
            }

            @Override
            public ServerMessage message(int device) {
                return requests.apply(device);
            }

            @Override
            public int longestAnswer(int device) {
                return codec.longestAnswer(expected.apply(device));
            }
        };
        fleet.exchange(devices, asking, new Fleet.Answers() {
            @Override
            public void answered(int device, byte[] frame) {
                DeviceMessage answer;
                try {
                    answer = codec.decodeAnswer(frame, round, device, expected.apply(device));
                } catch (ProtocolException e) {
                    failures.add(new DeviceFailure(device, Cause.REJECTED, e.getMessage()));
                    fleet.rejected(device);
                    return;
                }
                answered(device, answer, bytesDown.get(device), frame.length);
            }

            @Override
            public void answered(int device, DeviceMessage answer, long requestBytes, long answerBytes) {
                if (answer instanceof Failure failure) {
                    failures.add(new DeviceFailure(device, failure.cause() == Failure.Cause.NOT_FINITE ? Cause.DIVERGED : Cause.REPORTED,
                            failure.cause() + ": " + failure.text()));
                    return;
                }
                Optional<String> late = deadline.late(device, requestBytes, answerBytes);
                if (late.isPresent()) {
                    failures.add(new DeviceFailure(device, Cause.LATE, late.get()));
                } else {
                    taker.take(device, answer);
                    reporters.add(device);
                }
            }

            @Override
            public void lost(int device, String reason) {
                failures.add(new DeviceFailure(device, Cause.LOST, reason));
            }
        });
    }

    /** Takes devices out again whose answers were good by themselves but not beside the others'. */
    void refuse(List<DeviceFailure> refused) {
        refused.forEach(failure -> reporters.remove(Integer.valueOf(failure.device())));
        failures.addAll(refused);
    }

    private byte[] request(int device, ServerMessage message) {
        byte[] frame = codec.encode(round, device, message);
        bytesDown.put(device, frame.length);
        return frame;
    }

    /** Who gave a good answer, in order. */
    List<Integer> reporters() {
        return List.copyOf(reporters);
    }

    /** Who did not, or too late, by device. */
    List<DeviceFailure> failures() {
        return failures.stream().sorted(Comparator.comparingInt(DeviceFailure::device)).toList();
    }
}

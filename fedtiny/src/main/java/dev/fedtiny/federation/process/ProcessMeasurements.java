package dev.fedtiny.federation.process;

import dev.fedtiny.device.DeviceMeasurement;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.ServerMeter;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * What a fleet of processes measures: the server of its own messages, and devices of their work, which they are asked for. Processes of a
 * pool are asked before they become another device, and what they say is kept until somebody takes it; a device that has its own process
 * is asked when somebody does.
 */
final class ProcessMeasurements {
    private final Seating seating;
    private final ProcessFleet.Rules rules;
    private final ScheduledThreadPoolExecutor deadlines;
    /** One a process, which make its requests, and one for the answers; empty where nothing is measured. */
    private final List<ServerMeter> meters = new ArrayList<>();
    /** What devices of a pool have measured and nobody has asked for, and the most heap that each has used. Guarded by itself. */
    private final SortedMap<Integer, Long> peakHeaps = new TreeMap<>();
    private Measured pooledMeasured = Measured.NONE;

    ProcessMeasurements(Seating seating, ProcessFleet.Rules rules, ScheduledThreadPoolExecutor deadlines, Metering metering) {
        this.seating = seating;
        this.rules = rules;
        this.deadlines = deadlines;
        for (int meter = 0; meter <= seating.slots().size() && metering == Metering.ON; meter++) {
            meters.add(new ServerMeter());
        }
    }

    /** Answers as they are taken, measured. */
    Fleet.Answers answers(Fleet.Answers answers) {
        return meters.isEmpty() ? answers : meters.getLast().answers(answers);
    }

    /** A request as it is made, measured. */
    Request request(Fleet.Requests requests, int device, Seating.Seat seat) {
        return meters.isEmpty() ? requests.request(device) : meters.get(seat.number()).request(requests, device);
    }

    /** What the device has measured, before its process of the pool becomes another. */
    void leaves(int device, DeviceSlot slot, FrameConnection connection) {
        if (!seating.pooled() || meters.isEmpty()) {
            return;
        }
        Optional<DeviceMeasurement> measurement = ask(device, slot, connection);
        synchronized (peakHeaps) {
            measurement.ifPresent(figures -> {
                peakHeaps.merge(device, figures.peakHeapBytes(), Math::max);
                pooledMeasured = pooledMeasured.plus(figures.measured());
            });
        }
    }

    /** As {@link ProcessFleet#takeMeasured}. */
    Measured take() {
        Measured sum = Measured.NONE;
        for (ServerMeter meter : meters) {
            sum = sum.plus(meter.take());
        }
        if (seating.pooled()) {
            synchronized (peakHeaps) {
                sum = sum.plus(pooledMeasured);
                pooledMeasured = Measured.NONE;
            }
            return sum;
        }
        for (int device = 0; device < rules.devices() && !meters.isEmpty(); device++) {
            DeviceSlot slot = seating.slots().get(device);
            // A device that is still at work is asked the next time.
            if (slot.turn().tryAcquire()) {
                try {
                    FrameConnection connection = slot.connection();
                    Optional<DeviceMeasurement> figures = connection == null ? Optional.empty() : ask(device, slot, connection);
                    figures.ifPresent(measurement -> slot.usedHeap(measurement.peakHeapBytes()));
                    sum = sum.plus(figures.map(DeviceMeasurement::measured).orElse(Measured.NONE));
                } finally {
                    slot.turn().release();
                }
            }
        }
        return sum;
    }

    private Optional<DeviceMeasurement> ask(int device, DeviceSlot slot, FrameConnection connection) {
        byte[] request = DeviceMeasurement.request(device);
        TurnLimit limit = TurnLimit.of(MessageKind.MEASURE, rules);
        try (TurnLimit.Running running = limit.start(deadlines, connection)) {
            try {
                connection.send(request);
                byte[] answer = connection.receive(DeviceMeasurement.MAXIMUM_PAYLOAD_BYTES, limit.silenceMillis());
                return Optional.of(DeviceMeasurement.decode(answer, device));
            } catch (IOException e) {
                slot.lost(connection, "device " + device + " was lost when it was asked for its measurements: "
                        + (running.late() ? "no answer within " + limit.words() : e.getMessage()));
            } catch (ProtocolException e) {
                slot.drop(connection, e.getMessage());
            }
            return Optional.empty();
        }
    }

    /** As {@link ProcessFleet#figures}. */
    List<DeviceFigures> figures() {
        if (!seating.pooled()) {
            seating.slots().forEach(DeviceSlot::measure);
            return seating.slots().stream().map(DeviceSlot::figures).toList();
        }
        long heapBytes = processes().stream().mapToLong(PooledProcess::heapBytes).max().orElse(0);
        synchronized (peakHeaps) {
            return peakHeaps.entrySet().stream().map(entry -> new DeviceFigures(entry.getKey(), -1, heapBytes, OptionalLong.empty(),
                    OptionalLong.of(entry.getValue()), 0)).toList();
        }
    }

    /** As {@link ProcessFleet#processes}. */
    List<PooledProcess> processes() {
        if (!seating.pooled()) {
            return List.of();
        }
        seating.slots().forEach(DeviceSlot::measure);
        return seating.slots().stream().map(DeviceSlot::pooled).filter(process -> process.processId() > 0 || process.starts() > 0).toList();
    }
}

package dev.fedtiny.federation.process;

import dev.fedtiny.device.DeviceMeasurement;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.ServerMeter;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.TrafficCounter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * Devices as processes of their own, which connect to this server over the loopback interface: no shared state, the same frames, the same
 * results to the bit. A device whose process dies, hangs over its deadline, or sends what is no answer loses its turn and its process; it
 * gets a new one before it is next asked, as often as its {@link Restarts} allow. A device that connects anew takes its place at once, and
 * is greeted before its next request. At most two answers a slot wait at a time. No process outlives the fleet, nor this virtual machine
 * where that ends in order or by a signal it can see.
 */
public final class ProcessFleet implements Fleet {
    private static final int ANSWERS_PER_SLOT = 2;
    private static final Duration INTRODUCTION = Duration.ofSeconds(10);
    private static final Duration FAREWELL = Duration.ofSeconds(3);

    /**
     * How devices are run.
     *
     * @param devices K
     * @param slots how many work at the same time; device k always works in lane k mod slots, so that neighbours use different processors
     * @param answerWithin wall time a device has for an answer
     * @param startWithin wall time a process has to connect, from its start
     * @param readyWithin wall time a device has for what takes no work: to say who it is, that it is ready, or the next bytes of a frame
     *     that it has begun
     * @param restarts how often a device gets a new process
     * @param maximumPayloadBytes the longest payload of any answer; what announces more, or more than its request can have for an answer,
     *     is not read
     */
    public record Rules(int devices, int slots, Duration answerWithin, Duration startWithin, Duration readyWithin,
            Restarts restarts, int maximumPayloadBytes) {
        /** Checks the ranges. */
        public Rules {
            Objects.requireNonNull(restarts, "restarts");
            if (devices < 1 || slots < 1 || maximumPayloadBytes < 1) {
                throw new IllegalArgumentException("process fleet: " + devices + " devices, " + slots + " slots and "
                        + maximumPayloadBytes + " bytes must be at least 1");
            }
            if (!answerWithin.isPositive() || !startWithin.isPositive() || !readyWithin.isPositive()) {
                throw new IllegalArgumentException("process fleet: time limits " + answerWithin + ", " + startWithin + " and "
                        + readyWithin + " must be positive");
            }
        }
    }

    private final Rules rules;
    private final DeviceLauncher launcher;
    /** One a lane, which make the requests, and one for the answers; empty where nothing is measured. */
    private final List<ServerMeter> meters = new ArrayList<>();
    private final List<DeviceSlot> slots = new ArrayList<>();
    private final List<ExecutorService> lanes = new ArrayList<>();
    private final ScheduledThreadPoolExecutor deadlines =
            new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("fedtiny-deadlines").factory());
    private final TrafficCounter traffic = new TrafficCounter();
    private final List<DeviceTurn> turns = Collections.synchronizedList(new ArrayList<>());
    private int exchanges;
    private final Reception reception;
    private final Thread hook = new Thread(this::endProcesses, "fedtiny-devices-end");

    /** Listens; processes are started when {@link #renewed} first asks for them. Nothing is measured in them. */
    public ProcessFleet(Rules rules, DeviceLauncher launcher) throws IOException {
        this(rules, launcher, Metering.OFF);
    }

    /** As the other; says whether the processes measure their work, which they are then asked for. */
    public ProcessFleet(Rules rules, DeviceLauncher launcher, Metering metering) throws IOException {
        this.rules = rules;
        this.launcher = launcher;
        for (int k = 0; k < rules.devices(); k++) {
            slots.add(new DeviceSlot(k, rules.restarts()));
        }
        // A limit that was met is forgotten at once: there may be many connections in a short time.
        deadlines.setRemoveOnCancelPolicy(true);
        this.reception = new Reception(DeviceProcess.loopback(), rules.devices(), INTRODUCTION, rules.maximumPayloadBytes(), deadlines,
                this::takeIn);
        for (int meter = 0; meter <= rules.slots() && metering == Metering.ON; meter++) {
            meters.add(new ServerMeter());
        }
        for (int lane = 0; lane < rules.slots(); lane++) {
            lanes.add(Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("fedtiny-lane-" + lane).factory()));
        }
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Where devices connect to. */
    public InetSocketAddress address() {
        return reception.address();
    }

    /** The secret a device must know to join. */
    public DeviceToken token(int device) {
        return slots.get(device).token();
    }

    private boolean takeIn(FrameConnection connection, Join join) throws IOException {
        return join.device() >= 0 && join.device() < slots.size() && slots.get(join.device()).token().matches(join.token())
                && slots.get(join.device()).joined(connection, join);
    }

    @Override
    public int devices() {
        return slots.size();
    }

    @Override
    public List<Integer> renewed(List<Integer> devices) {
        long deadline = System.nanoTime() + rules.startWithin().toNanos();
        for (int device : devices) {
            slots.get(device).need(launcher, device % lanes.size(), address(), rules.startWithin());
        }
        List<Integer> renewed = new ArrayList<>();
        for (int device : devices) {
            try {
                slots.get(device).await(deadline, rules.startWithin());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while device processes were starting", e);
            }
            if (slots.get(device).takeFresh()) {
                renewed.add(device);
            }
        }
        return renewed;
    }

    @Override
    public void rejected(int device) {
        slots.get(device).rejected();
    }

    /** What came of asking a device: a frame, or the reason why there is none. */
    private record Reply(byte[] frame, String lost) {
    }

    @Override
    public void exchange(List<Integer> asked, Requests requests, Answers answers) {
        int number = exchanges++;
        Answers taking = meters.isEmpty() ? answers : meters.getLast().answers(answers);
        Queue<Future<Reply>> running = new ArrayDeque<>();
        int next = 0;
        for (int device : asked) {
            while (next < asked.size() && running.size() < ANSWERS_PER_SLOT * lanes.size()) {
                int started = asked.get(next++);
                running.add(lanes.get(started % lanes.size()).submit(() -> ask(started, requests, number)));
            }
            try {
                Reply reply = running.remove().get();
                if (reply.frame() == null) {
                    taking.lost(device, reply.lost());
                } else {
                    taking.answered(device, reply.frame());
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error fault) {
                    // Of this process, not of the device's.
                    throw fault;
                }
                taking.lost(device, "device " + device + " could not be asked (" + e.getCause() + ")");
            } catch (InterruptedException e) {
                running.forEach(future -> future.cancel(true));
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while devices were at work", e);
            }
        }
    }

    private Reply ask(int device, Requests requests, int exchange) {
        DeviceSlot slot = slots.get(device);
        FrameConnection connection = slot.greeted();
        if (connection == null) {
            return new Reply(null, "device " + device + " cannot be asked: " + slot.trouble());
        }
        byte[] request = meters.isEmpty() ? requests.frame(device) : meters.get(device % lanes.size()).request(requests, device);
        TurnLimit limit = TurnLimit.of(request, rules);
        try (TurnLimit.Running running = limit.start(deadlines, connection)) {
            try {
                if (connection.idle() == FrameConnection.Idle.TALKING) {
                    return new Reply(null, slot.drop(connection, "device " + device + " sent bytes that nobody had asked for"));
                }
                traffic.count(request);
                long start = System.nanoTime();
                connection.send(request);
                byte[] answer = connection.receive(requests.longestAnswer(device) - Frame.OVERHEAD_BYTES, limit.silenceMillis());
                turns.add(new DeviceTurn(exchange, device, System.nanoTime() - start, request.length, answer.length));
                traffic.count(answer);
                slot.measure();
                boolean inTurn = Frame.sameTurn(request, answer);
                slot.answered(connection, inTurn && limit.work() && Frame.kindOf(answer).orElse(null) != MessageKind.FAILURE);
                if (!inTurn) {
                    // The codec names what is wrong with it; whatever else this stream holds is out of step.
                    slot.drop(connection, "device " + device + " answered out of turn");
                }
                return new Reply(answer, null);
            } catch (IOException e) {
                return new Reply(null, running.late()
                        ? slot.drop(connection, "device " + device + " gave no answer within " + limit.words())
                        : slot.lost(connection, "device " + device + " was lost in the middle of a request: " + e.getMessage()));
            }
        }
    }

    /**
     * What the server measured of its own work, and every connected process of its: they are asked. One that gives no valid answer is
     * dropped as for any other message; what a process that has ended had measured is not known.
     */
    @Override
    public Measured takeMeasured() {
        Measured sum = Measured.NONE;
        for (ServerMeter meter : meters) {
            sum = sum.plus(meter.take());
        }
        for (int device = 0; device < slots.size() && !meters.isEmpty(); device++) {
            FrameConnection connection = slots.get(device).connection();
            if (connection != null) {
                sum = sum.plus(measured(device, slots.get(device), connection));
            }
        }
        return sum;
    }

    private Measured measured(int device, DeviceSlot slot, FrameConnection connection) {
        byte[] request = DeviceMeasurement.request(device);
        TurnLimit limit = TurnLimit.of(request, rules);
        try (TurnLimit.Running running = limit.start(deadlines, connection)) {
            try {
                connection.send(request);
                byte[] answer = connection.receive(DeviceMeasurement.MAXIMUM_PAYLOAD_BYTES, limit.silenceMillis());
                DeviceMeasurement measurement = DeviceMeasurement.decode(answer, device);
                slot.usedHeap(measurement.peakHeapBytes());
                return measurement.measured();
            } catch (IOException e) {
                slot.lost(connection, "device " + device + " was lost when it was asked for its measurements: "
                        + (running.late() ? "no answer within " + limit.words() : e.getMessage()));
            } catch (ProtocolException e) {
                slot.drop(connection, e.getMessage());
            }
            return Measured.NONE;
        }
    }

    @Override
    public Traffic traffic() {
        return traffic.total();
    }

    /** Bytes that all connections have carried: the traffic, one introduction a process, and measurements where they are asked for. */
    public long carriedBytes() {
        return slots.stream().mapToLong(DeviceSlot::carriedBytes).sum();
    }

    /** Every request that was answered so far, in the order of the answers' arrival. */
    public List<DeviceTurn> turns() {
        return List.copyOf(turns);
    }

    /** What is known of every device's process, peak memory included. */
    public List<DeviceFigures> figures() {
        slots.forEach(DeviceSlot::measure);
        return slots.stream().map(DeviceSlot::figures).toList();
    }

    @Override
    public void close() {
        reception.close();
        lanes.forEach(ExecutorService::shutdownNow);
        deadlines.shutdownNow();
        slots.forEach(DeviceSlot::close);
        long deadline = System.nanoTime() + FAREWELL.toNanos();
        slots.forEach(slot -> slot.end(deadline));
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // This virtual machine is ending: the hook finds nothing left to do.
        }
    }

    /** When this virtual machine ends before the fleet was closed: no process is started any more, and none goes on. */
    private void endProcesses() {
        reception.close();
        slots.forEach(DeviceSlot::close);
        slots.forEach(slot -> slot.end(System.nanoTime()));
    }
}

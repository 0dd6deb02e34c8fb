package dev.fedtiny.federation.process;

import dev.fedtiny.federation.DeviceMeasurement;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.Frame;
import dev.fedtiny.federation.Join;
import dev.fedtiny.federation.Measured;
import dev.fedtiny.federation.Metering;
import dev.fedtiny.federation.ProtocolException;
import dev.fedtiny.federation.ServerMeter;
import dev.fedtiny.federation.Traffic;
import dev.fedtiny.federation.TrafficCounter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Devices as processes of their own, which connect to this server over the loopback interface: no shared state, the same frames, the same
 * results to the bit. A device whose process dies, hangs over its deadline, or sends what is no answer loses its turn and its process; it
 * gets a new one before it is next asked, a limited number of times. At most two answers a slot wait at a time.
 */
public final class ProcessFleet implements Fleet {
    private static final int ANSWERS_PER_SLOT = 2;
    private static final int INTRODUCTION_MILLIS = 10_000;
    private static final int FAREWELL_MILLIS = 3_000;

    /**
     * How devices are run.
     *
     * @param devices K
     * @param slots how many work at the same time; device k always works in lane k mod slots, so that neighbours use different processors
     * @param answerWithin wall time a device has for an answer
     * @param startWithin wall time a process has to connect
     * @param maximumStarts processes a device may have in all
     * @param maximumPayloadBytes the longest payload of an answer; what announces more is not read
     */
    public record Rules(int devices, int slots, Duration answerWithin, Duration startWithin, int maximumStarts, int maximumPayloadBytes) {
        /** Checks the ranges. */
        public Rules {
            if (devices < 1 || slots < 1 || maximumStarts < 1 || maximumPayloadBytes < 1) {
                throw new IllegalArgumentException("process fleet: " + devices + " devices, " + slots + " slots, " + maximumStarts
                        + " starts and " + maximumPayloadBytes + " bytes must be at least 1");
            }
            if (!answerWithin.isPositive() || !startWithin.isPositive()) {
                throw new IllegalArgumentException("process fleet: time limits " + answerWithin + " and " + startWithin
                        + " must be positive");
            }
        }
    }

    private final Rules rules;
    private final DeviceLauncher launcher;
    /** One a lane, which make the requests, and one for the answers; empty where nothing is measured. */
    private final List<ServerMeter> meters = new ArrayList<>();
    private final long token = new SecureRandom().nextLong();
    private final List<DeviceSlot> slots = new ArrayList<>();
    private final List<ExecutorService> lanes = new ArrayList<>();
    private final ScheduledExecutorService deadlines =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("fedtiny-deadlines").factory());
    private final TrafficCounter traffic = new TrafficCounter();
    private final List<DeviceTurn> turns = Collections.synchronizedList(new ArrayList<>());
    private int exchanges;
    private final ServerSocket listener;
    private volatile boolean closed;

    /** Listens; processes are started when {@link #renewed} first asks for them. Nothing is measured in them. */
    public ProcessFleet(Rules rules, DeviceLauncher launcher) throws IOException {
        this(rules, launcher, Metering.OFF);
    }

    /** As the other; says whether the processes measure their work, which they are then asked for. */
    public ProcessFleet(Rules rules, DeviceLauncher launcher, Metering metering) throws IOException {
        this.rules = rules;
        this.launcher = launcher;
        this.listener = new ServerSocket(0, rules.devices() + 16, DeviceProcess.loopback());
        for (int k = 0; k < rules.devices(); k++) {
            slots.add(new DeviceSlot(k));
        }
        for (int meter = 0; meter <= rules.slots() && metering == Metering.ON; meter++) {
            meters.add(new ServerMeter());
        }
        for (int lane = 0; lane < rules.slots(); lane++) {
            lanes.add(Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("fedtiny-lane-" + lane).factory()));
        }
        Thread.ofPlatform().daemon().name("fedtiny-join").start(this::accept);
    }

    /** Where devices connect to. */
    public InetSocketAddress address() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    /** The secret a device must know to join. */
    public long token() {
        return token;
    }

    private void accept() {
        while (!closed) {
            try {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> introduce(socket));
            } catch (IOException e) {
                // Closed, or a connection that broke before it began.
            }
        }
    }

    /** A stranger has some seconds to say who it is, in one frame of a known length. */
    private void introduce(Socket socket) {
        boolean taken = false;
        try {
            socket.setSoTimeout(INTRODUCTION_MILLIS);
            FrameConnection connection = new FrameConnection(socket, rules.maximumPayloadBytes());
            byte[] header = connection.receiveHeader();
            if (connection.rest(header).orElse(0) == Join.FRAME_BYTES - Frame.HEADER_BYTES) {
                Join join = Join.decode(connection.receiveRest(header));
                socket.setSoTimeout(0);
                taken = join.token() == token && join.device() >= 0 && join.device() < slots.size()
                        && slots.get(join.device()).joined(connection, join);
            }
        } catch (IOException | ProtocolException e) {
            // Not one of ours.
        } finally {
            if (!taken) {
                closeQuietly(socket);
            }
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing was expected of it.
        }
    }

    @Override
    public int devices() {
        return slots.size();
    }

    @Override
    public List<Integer> renewed(List<Integer> devices) {
        long deadline = System.nanoTime() + rules.startWithin().toNanos();
        for (int device : devices) {
            DeviceSlot slot = slots.get(device);
            FrameConnection connection = slot.connection();
            if (connection != null && connection.idle() == FrameConnection.Idle.ENDED) {
                slot.drop("it went away between two requests");
            }
            if (slot.connection() == null && !slot.starting() && slot.starts() < rules.maximumStarts()) {
                slot.start(launcher, device % lanes.size(), address(), token);
            }
        }
        List<Integer> renewed = new ArrayList<>();
        for (int device : devices) {
            try {
                slots.get(device).await(deadline);
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
        slots.get(device).drop("device " + device + " was dropped for an answer that was not valid");
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
        FrameConnection connection = slot.connection();
        if (connection == null) {
            return new Reply(null, "device " + device + " cannot be asked: " + slot.trouble()
                    + (slot.starts() >= rules.maximumStarts() ? "; it was started " + slot.starts()
                            + " times and is not started again" : ""));
        }
        AtomicBoolean late = new AtomicBoolean();
        ScheduledFuture<?> deadline = deadline(connection, late);
        try {
            if (connection.idle() == FrameConnection.Idle.TALKING) {
                return new Reply(null, slot.drop("device " + device + " sent bytes that nobody had asked for"));
            }
            byte[] request = meters.isEmpty() ? requests.frame(device) : meters.get(device % lanes.size()).request(requests, device);
            traffic.count(request);
            long start = System.nanoTime();
            connection.send(request);
            byte[] answer = connection.receive();
            turns.add(new DeviceTurn(exchange, device, System.nanoTime() - start, request.length, answer.length));
            traffic.count(answer);
            slot.measure();
            if (!Frame.sameTurn(request, answer)) {
                // The codec names what is wrong with it; whatever else this stream holds is out of step.
                slot.drop("device " + device + " answered out of turn");
            }
            return new Reply(answer, null);
        } catch (IOException e) {
            return new Reply(null, late.get()
                    ? slot.drop("device " + device + " gave no answer within " + rules.answerWithin().toSeconds() + " s (device-timeout)")
                    : slot.lost("device " + device + " was lost in the middle of a request: " + e.getMessage()));
        } finally {
            deadline.cancel(false);
        }
    }

    private ScheduledFuture<?> deadline(FrameConnection connection, AtomicBoolean late) {
        return deadlines.schedule(() -> {
            late.set(true);
            connection.close();
        }, rules.answerWithin().toMillis(), TimeUnit.MILLISECONDS);
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
        AtomicBoolean late = new AtomicBoolean();
        ScheduledFuture<?> deadline = deadline(connection, late);
        try {
            connection.send(DeviceMeasurement.request(device));
            byte[] header = connection.receiveHeader();
            if (Frame.payloadBytes(header, DeviceMeasurement.MAXIMUM_PAYLOAD_BYTES).isEmpty()) {
                slot.drop("device " + device + " answered with no measurements, or too many");
                return Measured.NONE;
            }
            DeviceMeasurement measurement = DeviceMeasurement.decode(connection.receiveRest(header), device);
            slot.usedHeap(measurement.peakHeapBytes());
            return measurement.measured();
        } catch (IOException e) {
            slot.lost("device " + device + " was lost when it was asked for its measurements: "
                    + (late.get() ? "too late" : e.getMessage()));
        } catch (ProtocolException e) {
            slot.drop(e.getMessage());
        } finally {
            deadline.cancel(false);
        }
        return Measured.NONE;
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
        closed = true;
        try {
            listener.close();
        } catch (IOException e) {
            // Nobody listens any more either way.
        }
        lanes.forEach(ExecutorService::shutdownNow);
        deadlines.shutdownNow();
        slots.forEach(DeviceSlot::hangUp);
        slots.forEach(slot -> slot.close(FAREWELL_MILLIS));
    }
}

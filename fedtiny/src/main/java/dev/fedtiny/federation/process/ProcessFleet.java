package dev.fedtiny.federation.process;

import dev.fedtiny.federation.Fleet;
import dev.fedtiny.protocol.Adopt;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Request;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.TrafficCounter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Devices in processes, which connect to this server over the loopback interface: no shared state, the same frames, the same results to the
 * bit. Either every device has a process of its own, or a pool of processes ({@link #pooled}) does the work of all: then a device is made
 * anew for every request in whichever process is free, and told what it held ({@link dev.fedtiny.protocol.Adopt}). A device whose process
 * dies, hangs over its deadline, or sends what is no answer loses its turn and its process; it gets a new one before it is next asked, as
 * often as its {@link Restarts} allow. A device that connects anew takes its place at once, and is greeted before its next request.
 * At most two answers a slot wait at a time. No process outlives the fleet, nor this virtual machine where that ends in order or by a
 * signal it can see.
 */
public final class ProcessFleet implements Fleet {
    private static final int ANSWERS_PER_SLOT = 2;
    /** How often who waits in line looks whether the exchange is over. */
    private static final int LINE_MILLIS = 50;
    private static final Duration INTRODUCTION = Duration.ofSeconds(10);
    private static final Duration FAREWELL = Duration.ofSeconds(3);

    /**
     * How devices are run.
     *
     * @param devices K
     * @param slots how many work at the same time; device k always works in lane k mod slots, so that neighbours use different
     *     processors; one that hangs gives its lane up
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
    private final Seating seating;
    private final ProcessMeasurements measurements;
    private final List<Integer> roster;
    private final ScheduledThreadPoolExecutor deadlines =
            new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("fedtiny-deadlines").factory());
    private final TrafficCounter traffic = new TrafficCounter();
    private final List<DeviceTurn> turns = Collections.synchronizedList(new ArrayList<>());
    private int exchanges;
    private final Reception reception;
    private final Thread hook = new Thread(this::endProcesses, "fedtiny-devices-end");

    /**
     * Listens; processes are started when {@link #renewed} first asks for them. Nothing is measured in them.
     *
     * @param rules how devices are run
     * @param launcher starts their processes
     * @throws IOException if the loopback interface gives no port
     */
    public ProcessFleet(Rules rules, DeviceLauncher launcher) throws IOException {
        this(rules, launcher, Metering.OFF);
    }

    /**
     * As the other; says whether the processes measure their work, which they are then asked for.
     *
     * @param rules how devices are run
     * @param launcher starts their processes
     * @param metering whether they measure their work
     * @throws IOException if the loopback interface gives no port
     */
    public ProcessFleet(Rules rules, DeviceLauncher launcher, Metering metering) throws IOException {
        this(rules, metering, fleet -> new OwnSeats(rules, launcher, fleet.deadlines, fleet::address));
    }

    /**
     * A fleet whose devices share a pool of processes. Processes and secrets are then known by their number in the pool, which is what
     * the launcher gets for the number of a device.
     *
     * @param rules how devices are run
     * @param processes how many there are, at least 1; there is one more for each that hangs
     * @param launcher starts them
     * @param metering whether they measure their work; then every device begins with a collected heap and no session, so that its peaks
     *     are its own
     * @return the fleet, which listens
     * @throws IOException if the loopback interface gives no port
     */
    public static ProcessFleet pooled(Rules rules, int processes, DeviceLauncher launcher, Metering metering) throws IOException {
        if (processes < 1) {
            throw new IllegalArgumentException("process fleet: a pool of " + processes + " processes, expected at least 1");
        }
        return new ProcessFleet(rules, metering, fleet -> new PooledSeats(rules, processes, launcher, fleet.deadlines, fleet::address));
    }

    private ProcessFleet(Rules rules, Metering metering, Function<ProcessFleet, Seating> seats) throws IOException {
        this.rules = rules;
        this.roster = IntStream.range(0, rules.devices()).boxed().toList();
        // A limit that was met is forgotten at once: there may be many connections in a short time.
        deadlines.setRemoveOnCancelPolicy(true);
        this.seating = seats.apply(this);
        this.reception = new Reception(DeviceProcess.loopback(), seating.slots().size(), INTRODUCTION, rules.maximumPayloadBytes(),
                deadlines, this::takeIn);
        this.measurements = new ProcessMeasurements(seating, rules, deadlines, metering);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** {@return the address that devices connect to} */
    public InetSocketAddress address() {
        return reception.address();
    }

    /**
     * The secret a device must know to join, or a process of a pool.
     *
     * @param number of the device, or of the process
     * @return to be given to its process, and to nobody else
     */
    public DeviceToken token(int number) {
        return seating.slots().get(number).token();
    }

    private boolean takeIn(FrameConnection connection, Join join) throws IOException {
        List<DeviceSlot> slots = seating.slots();
        return join.device() >= 0 && join.device() < slots.size() && slots.get(join.device()).token().matches(join.token())
                && slots.get(join.device()).joined(connection, join);
    }

    @Override
    public List<Integer> roster() {
        return roster;
    }

    @Override
    public boolean recalls() {
        return seating.pooled();
    }

    @Override
    public List<Integer> renewed(List<Integer> devices) {
        return seating.renewed(devices);
    }

    /** What came of asking a device: a frame and who sent it, the reason why there is none, or what this process itself did wrong. */
    private record Reply(int device, byte[] frame, DeviceSlot slot, FrameConnection from, String lost, Error fault) {
        static Reply of(int device, byte[] frame, DeviceSlot slot, FrameConnection from) {
            return new Reply(device, frame, slot, from, null, null);
        }

        static Reply lost(int device, String reason) {
            return new Reply(device, null, null, null, reason, null);
        }
    }

    @Override
    public void exchange(List<Integer> asked, Requests requests, Answers answers) {
        Exchanging exchange = new Exchanging(exchanges++, requests);
        Answers taking = measurements.answers(answers);
        asked.forEach(device -> Thread.ofVirtual().name("fedtiny-turn-" + device).start(() -> exchange.run(device)));
        try {
            for (int left = asked.size(); left > 0 && taking.open(); left--) {
                Optional<Duration> remaining = taking.remaining();
                Reply reply = remaining.isEmpty() ? exchange.arrived.take()
                        : exchange.arrived.poll(remaining.get().toNanos(), TimeUnit.NANOSECONDS);
                if (reply == null) {
                    return;
                }
                handOver(reply, taking);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while devices were at work", e);
        } finally {
            exchange.close();
        }
    }

    private void handOver(Reply reply, Answers answers) {
        if (reply.fault() != null) {
            throw reply.fault();
        }
        if (reply.frame() == null) {
            answers.lost(reply.device(), reply.lost());
        } else if (answers.answered(reply.device(), reply.frame()).isPresent()) {
            seating.rejected(reply.slot(), reply.from());
        }
    }

    /** Devices that work on one request each, every one on a thread of its own; the answers wait in a short line. */
    private final class Exchanging {
        private final int number;
        private final Requests requests;
        private final BlockingQueue<Reply> arrived = new LinkedBlockingQueue<>(ANSWERS_PER_SLOT * rules.slots());
        private volatile boolean closed;

        private Exchanging(int number, Requests requests) {
            this.number = number;
            this.requests = requests;
        }

        /** Asks a device when it is free, and a processor is, and hands on what it says, unless the exchange is over by then. */
        private void run(int device) {
            try {
                Seating.Seat seat = seating.sit(device);
                try (Lane.Hold _ = seat.hold()) {
                    Reply reply;
                    try {
                        reply = closed ? null : reply(device, seat);
                    } finally {
                        // Before the answer is there: whoever has it may ask the device again at once.
                        seat.leave().run();
                    }
                    while (!closed && !arrived.offer(reply, LINE_MILLIS, TimeUnit.MILLISECONDS)) {
                        // The line is full: the server takes one answer after the other.
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private Reply reply(int device, Seating.Seat seat) throws InterruptedException {
            try {
                return ask(device, requests, number, seat);
            } catch (RuntimeException e) {
                return Reply.lost(device, "device " + device + " could not be asked (" + e + ")");
            } catch (Error e) {
                return new Reply(device, null, null, null, null, e);
            }
        }

        /** Nobody takes answers any more: those that wait, and those that wait to wait, are dropped. */
        private void close() {
            closed = true;
            arrived.clear();
        }
    }

    private Reply ask(int device, Requests requests, int exchange, Seating.Seat seat) throws InterruptedException {
        DeviceSlot slot = seat.slot();
        FrameConnection connection = seating.connect(seat);
        if (connection == null) {
            return Reply.lost(device, "device " + device + " cannot be asked: " + slot.trouble());
        }
        Request request = measurements.request(requests, device, seat);
        TurnLimit limit = TurnLimit.of(request.kind(), rules);
        try (TurnLimit.Running running = limit.start(deadlines, connection)) {
            try {
                if (connection.idle() == FrameConnection.Idle.TALKING) {
                    return Reply.lost(device, slot.drop(connection, "device " + device + " sent bytes that nobody had asked for"));
                }
                if (seating.pooled()) {
                    adopt(device, requests, connection);
                }
                traffic.count(request);
                long start = System.nanoTime();
                request.writeTo(connection::write);
                connection.flush();
                seat.hold().watch(slot.processId());
                byte[] answer = connection.receive(requests.longestAnswer(device) - Frame.OVERHEAD_BYTES, limit.silenceMillis());
                seat.hold().done();
                turns.add(new DeviceTurn(exchange, device, System.nanoTime() - start, (int) request.frameBytes(), answer.length));
                traffic.count(answer);
                slot.measure();
                boolean inTurn = Frame.sameTurn(request.head(), answer);
                slot.answered(connection, inTurn && limit.work() && Frame.kindOf(answer).orElse(null) != MessageKind.FAILURE);
                if (!inTurn) {
                    // The codec names what is wrong with it; whatever else this stream holds is out of step.
                    slot.drop(connection, "device " + device + " answered out of turn");
                } else {
                    measurements.leaves(device, slot, connection);
                }
                return Reply.of(device, answer, slot, connection);
            } catch (IOException e) {
                return Reply.lost(device, running.late()
                        ? slot.drop(connection, "device " + device + " gave no answer within " + limit.words())
                        : slot.lost(connection, "device " + device + " was lost in the middle of a request: " + e.getMessage()));
            }
        }
    }

    /** Makes a process of the pool the device, as it was when it answered last. */
    private static void adopt(int device, Requests requests, FrameConnection connection) throws IOException {
        Optional<Request> held = requests.recall(device);
        connection.send(new Adopt(device, held.isPresent()).frame());
        if (held.isPresent()) {
            held.get().writeTo(connection::write);
        }
    }

    /**
     * What the server measured of its own work, and every connected process of its: they are asked. One that gives no valid answer is
     * dropped as for any other message; what a process that has ended had measured is not known.
     */
    @Override
    public Measured takeMeasured() {
        return measurements.take();
    }

    @Override
    public Traffic traffic() {
        return traffic.total();
    }

    /**
     * {@return bytes that all connections have carried: the traffic, one introduction a process, measurements where they are asked for, and
     * in a pool what tells a process whose work it does}
     */
    public long carriedBytes() {
        return seating.slots().stream().mapToLong(DeviceSlot::carriedBytes).sum();
    }

    /** {@return every request that was answered so far, in the order of the answers' arrival} */
    public List<DeviceTurn> turns() {
        return List.copyOf(turns);
    }

    /**
     * What is known of devices.
     *
     * @return one for each that has a process of its own, peak memory included; in a pool one for each that has measured its heap
     */
    public List<DeviceFigures> figures() {
        return measurements.figures();
    }

    /** {@return the processes of the pool that were ever there; none where every device has its own} */
    public List<PooledProcess> processes() {
        return measurements.processes();
    }

    @Override
    public void close() {
        reception.close();
        deadlines.shutdownNow();
        seating.slots().forEach(DeviceSlot::close);
        long deadline = System.nanoTime() + FAREWELL.toNanos();
        seating.slots().forEach(slot -> slot.end(deadline));
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // This virtual machine is ending: the hook finds nothing left to do.
        }
    }

    /** When this virtual machine ends before the fleet was closed: no process is started any more, and none goes on. */
    private void endProcesses() {
        reception.close();
        seating.slots().forEach(DeviceSlot::close);
        seating.slots().forEach(slot -> slot.end(System.nanoTime()));
    }
}

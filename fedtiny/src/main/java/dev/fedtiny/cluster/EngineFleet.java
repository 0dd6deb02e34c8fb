package dev.fedtiny.cluster;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.device.Device;
import dev.fedtiny.device.DeviceMeasurement;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.ServerMeter;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.Request;
import dev.fedtiny.protocol.SessionTerms;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.TrafficCounter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The devices of a run on the nodes of a cluster. A device works where it worked last while a slot there is free, and elsewhere otherwise;
 * a node that is lost, silent or refuses costs a turn its time and not its answer: the turn is done again elsewhere, with the same bits. An
 * exchange of which the cluster has no node left ends with an {@link UncheckedIOException}, and the round is not done.
 * What counts as traffic are the frames that a device gets and gives, as everywhere; what the engine carries besides does not. At most as
 * many answers wait as devices work.
 */
public final class EngineFleet implements Fleet {
    private final Cluster cluster;
    private final DeviceData data;
    private final DeviceData.Packed packed;
    private final String run = UUID.randomUUID().toString();
    private final SessionTerms told;
    private final byte[] terms;
    private final String termsHash;
    private final TrafficCounter traffic = new TrafficCounter();
    private final AtomicLong turns = new AtomicLong();
    private final Map<Integer, Last> last = new ConcurrentHashMap<>();
    private final boolean metered;
    private final ServerMeter sending = new ServerMeter();
    private final ServerMeter receiving = new ServerMeter();
    /** Of the nodes. Guarded by itself. */
    private final List<Measured> measured = new ArrayList<>();

    /** Where a device worked last, and the turn it did there. */
    private record Last(String node, long turn) {
    }

    /**
     * A fleet.
     *
     * @param cluster whose nodes work; closed with this
     * @param terms of the run: network, settings, whether work is measured
     * @param data of the devices
     */
    public EngineFleet(Cluster cluster, SessionTerms terms, DeviceData data) {
        this.cluster = cluster;
        this.told = terms;
        this.terms = terms.encode();
        this.termsHash = Sha256.of(this.terms);
        this.metered = terms.metering() == Metering.ON;
        this.data = data;
        this.packed = new DeviceData.Packed(data instanceof DeviceData.Sent sent ? sent.shares() : List.of());
    }

    /** All devices of the run, whichever nodes are there: who is drawn for a round must not depend on that. */
    @Override
    public List<Integer> roster() {
        return IntStream.range(0, data.devices()).boxed().toList();
    }

    @Override
    public boolean recalls() {
        return true;
    }

    @Override
    public void exchange(List<Integer> devices, Requests requests, Answers answers) {
        if (devices.isEmpty()) {
            return;
        }
        MessageKind kind = requests.request(devices.getFirst()).kind();
        if (kind == MessageKind.FINISH) {
            devices.forEach(device -> answers.lost(device, "nodes keep devices for nobody, and need not be told"));
        } else if (kind == MessageKind.WELCOME && data instanceof DeviceData.Sent sent && cluster.isExact()) {
            greet(devices, sent, requests, answers);
        } else {
            spread(devices, requests, answers);
        }
    }

    /** Who a device is, whose data are here, is known here: no node need be sent them before it is to work. */
    private void greet(List<Integer> devices, DeviceData.Sent sent, Requests requests, Answers answers) {
        SessionCache sessions = new SessionCache(Workers.of(1), told.metering());
        for (int device : devices) {
            Request request = requests.request(device);
            traffic.count(request);
            byte[] answer = new Device(device, told.network(), sent.shares().get(device), told.settings())
                    .handle(request.frame(), sessions);
            traffic.count(answer);
            answers.answered(device, answer);
        }
    }

    private void spread(List<Integer> devices, Requests requests, Answers answers) {
        Answers taking = metered ? receiving.answers(answers) : answers;
        Exchange exchange = new Exchange(requests, Math.max(2, cluster.nodes().stream().mapToInt(NodeFacts::slots).sum()));
        List<DeviceJob> jobs = devices.stream().map(device -> new DeviceJob(exchange, device)).toList();
        cluster.submit(jobs);
        try {
            for (int left = devices.size(); left > 0 && answers.open(); left--) {
                Optional<Duration> remaining = answers.remaining();
                Said said = remaining.isEmpty() ? exchange.said.take()
                        : exchange.said.poll(Math.max(0, remaining.get().toNanos()), TimeUnit.NANOSECONDS);
                if (said == null) {
                    break;
                }
                switch (said) {
                    case Said.Answered answered -> {
                        traffic.count(answered.frame());
                        taking.answered(answered.device(), answered.frame());
                    }
                    case Said.Lost lost -> answers.lost(lost.device(), lost.sentence());
                    case Said.Deserted deserted -> throw new UncheckedIOException(new IOException(deserted.sentence() + "; when nodes are "
                            + "there again, the run goes on from its checkpoint (run --resume)"));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while devices were at work", e);
        } finally {
            exchange.close();
        }
        jobs.forEach(DeviceJob::ask);
    }

    /** What came of asking a device. */
    private sealed interface Said {
        /** It answered. */
        record Answered(int device, byte[] frame) implements Said {
        }

        /** Nobody could do its turn. */
        record Lost(int device, String sentence) implements Said {
        }

        /** There is no node for anybody's turn: a round must not go on as if its devices had been absent. */
        record Deserted(String sentence) implements Said {
        }
    }

    /** One exchange: after it nobody takes answers. */
    private static final class Exchange {
        private final Requests requests;
        private final BlockingQueue<Said> said;
        private volatile boolean closed;

        Exchange(Requests requests, int room) {
            this.requests = requests;
            this.said = new ArrayBlockingQueue<>(room);
        }

        void say(Said what) {
            try {
                while (!closed && !said.offer(what, 1, TimeUnit.SECONDS)) {
                    continue;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** Whoever waits to be heard is let go. */
        void close() {
            closed = true;
            said.clear();
        }
    }

    /** A device's turn. */
    private final class DeviceJob implements Job {
        private final Exchange exchange;
        private final int device;
        private long turn;
        private Request request;

        DeviceJob(Exchange exchange, int device) {
            this.exchange = exchange;
            this.device = device;
        }

        @Override
        public String what() {
            return "device " + device;
        }

        @Override
        public String task() {
            return DeviceTurns.NAME;
        }

        @Override
        public boolean wanted() {
            return !exchange.closed;
        }

        @Override
        public boolean fits(NodeFacts node) {
            return data instanceof DeviceData.Sent || node.shares().contains(device);
        }

        @Override
        public Optional<String> home() {
            return Optional.ofNullable(last.get(device)).map(Last::node);
        }

        @Override
        public Work work() {
            ask();
            turn = turns.incrementAndGet();
            Optional<Request> recall = exchange.requests.recall(device);
            String hash = data instanceof DeviceData.Sent ? packed.hash(device) : "";
            Map<String, Supplier<byte[]>> objects = new LinkedHashMap<>();
            objects.put(termsHash, () -> terms);
            objects.put(request.body().sha256(), request.body()::bytes);
            if (data instanceof DeviceData.Sent) {
                objects.put(hash, () -> packed.bytes(device));
            }
            Map<String, Supplier<byte[]>> spare = new LinkedHashMap<>();
            recall.ifPresent(told -> spare.put(told.body().sha256(), told.body()::bytes));
            long age = Optional.ofNullable(last.get(device)).map(Last::turn).orElse(DeviceTurn.NEVER);
            return new Work(new DeviceTurn(run, termsHash, device, hash, age, turn, recall.map(DeviceTurn.Letter::of),
                    DeviceTurn.Letter.of(request)).encode(), objects, spare);
        }

        /** Also of a device that is let go before its turn: where devices are there, all are asked at once. */
        private synchronized void ask() {
            if (request == null) {
                request = request();
                traffic.count(request);
            }
        }

        private Request request() {
            if (!metered) {
                return exchange.requests.request(device);
            }
            synchronized (sending) {
                return sending.request(exchange.requests, device);
            }
        }

        @Override
        public void done(NodeFacts node, byte[] content) {
            try {
                DeviceTurn.Answer answer = DeviceTurn.Answer.decode(content);
                if (answer.measured().length > 0) {
                    Measured what = DeviceMeasurement.decode(answer.measured(), device).measured();
                    synchronized (measured) {
                        measured.add(what);
                    }
                }
                if (!exchange.closed) {
                    last.put(device, new Last(node.id(), turn));
                }
                exchange.say(new Said.Answered(device, answer.frame()));
            } catch (IOException | ProtocolException e) {
                failed("device " + device + ": node '" + node.name() + "' answered with something else: " + e.getMessage());
            }
        }

        @Override
        public void failed(String sentence) {
            exchange.say(new Said.Lost(device, sentence));
        }

        @Override
        public void deserted(String sentence) {
            exchange.say(new Said.Deserted(sentence));
        }
    }

    @Override
    public Traffic traffic() {
        return traffic.total();
    }

    @Override
    public Measured takeMeasured() {
        Measured sum = Measured.NONE;
        if (metered) {
            synchronized (sending) {
                sum = sum.plus(sending.take());
            }
            sum = sum.plus(receiving.take());
            synchronized (measured) {
                for (Measured one : measured) {
                    sum = sum.plus(one);
                }
                measured.clear();
            }
        }
        return sum;
    }

    @Override
    public void close() {
        cluster.close();
    }
}

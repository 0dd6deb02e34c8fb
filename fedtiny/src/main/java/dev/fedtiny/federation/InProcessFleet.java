package dev.fedtiny.federation;

import dev.fedtiny.device.Device;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.device.SessionMeter;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Request;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.TrafficCounter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Devices simulated in this process, over encoded frames. With one slot devices work one after the other on the caller's thread and all
 * workers; with more, so many work at the same time on one thread each. Answers are handed over in the order of the list in either case,
 * so that a round that closes before all have answered closes with the same ones every time. Those who are let go then have had their
 * request, which is traffic, as where devices are there and all are asked at once; what some of them computed is no traffic, for with one
 * slot they would not have. At most two answers a slot wait. Devices are the caller's, or made anew for every request they are asked
 * ({@link #ofMany}): then memory does not grow with how many there are.
 */
public final class InProcessFleet implements Fleet {
    private static final int ANSWERS_PER_SLOT = 2;

    private final List<Integer> numbers;
    private final IntFunction<Device> devices;
    private final boolean anew;
    private final int slots;
    private final List<SessionCache> caches = new ArrayList<>();
    private final List<Workers> ownWorkers = new ArrayList<>();
    private final BlockingQueue<SessionCache> free = new LinkedBlockingQueue<>();
    private final ExecutorService threads;
    private final TrafficCounter traffic = new TrafficCounter();
    /** Measures what the server does with answers, averaging included; null where nothing is measured. */
    private final ServerMeter receiving;

    /**
     * A fleet.
     *
     * @param devices of different numbers
     * @param slots how many work at the same time, at least 1
     * @param workers for a single slot; not closed with the fleet
     */
    public InProcessFleet(List<Device> devices, int slots, Workers workers) {
        this(devices, slots, workers, Metering.OFF);
    }

    /**
     * As {@link #InProcessFleet(List, int, Workers)}; says whether the devices' work is measured.
     *
     * @param devices device k at place k
     * @param slots how many work at the same time, at least 1
     * @param workers threads of the whole simulation; not closed with the fleet
     * @param metering whether the devices' work is measured
     */
    public InProcessFleet(List<Device> devices, int slots, Workers workers, Metering metering) {
        this(byNumber(devices), slots, workers, metering);
    }

    private InProcessFleet(SortedMap<Integer, Device> devices, int slots, Workers workers, Metering metering) {
        this(List.copyOf(devices.keySet()), devices::get, false, slots, workers, metering);
    }

    /**
     * A fleet whose devices exist while they work: a device is made when it is asked, told what it held, and dropped when it has answered.
     * Between requests a device takes no memory here.
     *
     * @param devices K; they have the numbers from 0 on
     * @param maker makes a device that holds nothing yet; called on the thread on which it works, at least once a request
     * @param slots how many work at the same time, at least 1
     * @param workers threads of the whole simulation; not closed with the fleet
     * @param metering whether the devices' work is measured
     * @return the fleet
     */
    public static InProcessFleet ofMany(int devices, IntFunction<Device> maker, int slots, Workers workers, Metering metering) {
        return new InProcessFleet(IntStream.range(0, devices).boxed().toList(), maker, true, slots, workers, metering);
    }

    private InProcessFleet(List<Integer> numbers, IntFunction<Device> devices, boolean anew, int slots, Workers workers,
            Metering metering) {
        if (slots < 1) {
            throw new IllegalArgumentException("fleet: " + slots + " slots, must be at least 1");
        }
        this.numbers = numbers;
        this.devices = devices;
        this.anew = anew;
        this.slots = slots;
        this.receiving = metering == Metering.ON ? new ServerMeter() : null;
        if (slots == 1) {
            caches.add(new SessionCache(workers, metering));
            threads = null;
        } else {
            for (int slot = 0; slot < slots; slot++) {
                ownWorkers.add(Workers.of(1));
                caches.add(new SessionCache(ownWorkers.getLast(), metering));
            }
            threads = Executors.newFixedThreadPool(slots, Thread.ofPlatform().daemon().name("fedtiny-device-", 0).factory());
        }
        free.addAll(caches);
    }

    private static SortedMap<Integer, Device> byNumber(List<Device> devices) {
        SortedMap<Integer, Device> byNumber = new TreeMap<>();
        for (Device device : devices) {
            if (byNumber.put(device.number(), device) != null) {
                throw new IllegalArgumentException("fleet: two devices have the number " + device.number() + ", expected one each");
            }
        }
        return byNumber;
    }

    /** What a device was asked, and its answer. */
    private record Turn(Request request, byte[] answer) {
    }

    @Override
    public List<Integer> roster() {
        return numbers;
    }

    @Override
    public boolean recalls() {
        return anew;
    }

    @Override
    public void exchange(List<Integer> asked, Requests requests, Answers answers) {
        Answers taking = receiving == null ? answers : receiving.answers(answers);
        int done = 0;
        if (slots == 1) {
            while (done < asked.size() && wanted(answers)) {
                int device = asked.get(done++);
                deliver(device, work(device, requests, caches.getFirst()), taking);
            }
        } else {
            done = exchangeInParallel(asked, requests, taking);
        }
        // Where devices are there, all are asked at once: who is let go has had its request.
        asked.subList(done, asked.size()).forEach(device -> traffic.count(requests.request(device)));
    }

    private static boolean wanted(Answers answers) {
        return answers.open() && answers.remaining().map(Duration::isPositive).orElse(true);
    }

    /** How many devices were heard, in the order in which they were asked. */
    private int exchangeInParallel(List<Integer> asked, Requests requests, Answers answers) {
        AtomicBoolean closed = new AtomicBoolean();
        Queue<Future<Optional<Turn>>> running = new ArrayDeque<>();
        int next = 0;
        int done = 0;
        try {
            while (done < asked.size() && wanted(answers)) {
                int device = asked.get(done++);
                while (next < asked.size() && running.size() < ANSWERS_PER_SLOT * slots) {
                    int started = asked.get(next++);
                    running.add(threads.submit(() -> workWithFreeCache(started, requests, closed)));
                }
                try {
                    deliver(device, running.remove().get().orElseThrow(), answers);
                } catch (ExecutionException e) {
                    answers.lost(device, "device " + device + " could not be asked (" + cause(e) + ")");
                }
            }
            closed.set(true);
            // A device works on one thread at a time: who is let go ends before anybody asks it again.
            while (!running.isEmpty()) {
                ended(running.remove());
            }
            return done;
        } catch (InterruptedException e) {
            closed.set(true);
            running.forEach(future -> future.cancel(true));
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while devices were at work", e);
        }
    }

    /** What a device's thread failed with. An error is this process's fault, as with one slot: a device reports its own failures. */
    private static Throwable cause(ExecutionException e) {
        if (e.getCause() instanceof Error fault) {
            throw fault;
        }
        return e.getCause();
    }

    /** Waits for a device that is let go. */
    private static void ended(Future<Optional<Turn>> device) throws InterruptedException {
        try {
            device.get();
        } catch (ExecutionException e) {
            cause(e);
        }
    }

    /** The answer, or nothing where the exchange was over before the device's turn came. */
    private Optional<Turn> workWithFreeCache(int device, Requests requests, AtomicBoolean closed) throws InterruptedException {
        SessionCache sessions = free.take();
        try {
            return closed.get() ? Optional.empty() : Optional.of(work(device, requests, sessions));
        } finally {
            free.add(sessions);
        }
    }

    private Turn work(int device, Requests requests, SessionCache sessions) {
        SessionMeter meter = sessions.meter();
        Request request = meter == null ? requests.request(device) : ServerMeter.request(meter, requests, device);
        return new Turn(request, device(device, requests).handle(request.frame(), sessions));
    }

    private Device device(int number, Requests requests) {
        Device device = devices.apply(number);
        if (anew) {
            requests.recalled(number).ifPresent(device::recall);
        }
        return device;
    }

    private void deliver(int device, Turn turn, Answers answers) {
        traffic.count(turn.request());
        traffic.count(turn.answer());
        answers.answered(device, turn.answer());
    }

    @Override
    public Measured takeMeasured() {
        Measured sum = receiving == null ? Measured.NONE : receiving.take();
        for (SessionCache sessions : caches) {
            sum = sum.plus(sessions.takeMeasured());
        }
        return sum;
    }

    @Override
    public Traffic traffic() {
        return traffic.total();
    }

    @Override
    public void close() {
        if (threads != null) {
            threads.shutdownNow();
        }
        caches.forEach(SessionCache::close);
        ownWorkers.forEach(Workers::close);
    }
}

package dev.fedtiny.federation;

import dev.fedtiny.device.Device;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.device.SessionMeter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.TrafficCounter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Devices simulated in this process, over encoded frames. With one slot devices work one after the other on the caller's thread and all
 * workers; with more, so many work at the same time on one thread each. Results are the same. At most two answers a slot wait.
 */
public final class InProcessFleet implements Fleet {
    private static final int ANSWERS_PER_SLOT = 2;

    private final List<Device> devices;
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
     * @param devices device k at place k
     * @param slots how many work at the same time, at least 1
     * @param workers for a single slot; not closed with the fleet
     */
    public InProcessFleet(List<Device> devices, int slots, Workers workers) {
        this(devices, slots, workers, Metering.OFF);
    }

    /** As {@link #InProcessFleet(List, int, Workers)}; says whether the devices' work is measured. */
    public InProcessFleet(List<Device> devices, int slots, Workers workers, Metering metering) {
        if (slots < 1) {
            throw new IllegalArgumentException("fleet: " + slots + " slots, must be at least 1");
        }
        for (int k = 0; k < devices.size(); k++) {
            if (devices.get(k).number() != k) {
                throw new IllegalArgumentException("fleet: device " + devices.get(k).number() + " at place " + k);
            }
        }
        this.devices = List.copyOf(devices);
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

    @Override
    public int devices() {
        return devices.size();
    }

    @Override
    public void exchange(List<Integer> asked, Requests requests, Answers answers) {
        Answers taking = receiving == null ? answers : receiving.answers(answers);
        if (slots == 1) {
            for (int device : asked) {
                deliver(device, work(device, requests, caches.getFirst()), taking);
            }
        } else {
            exchangeInParallel(asked, requests, taking);
        }
    }

    private void exchangeInParallel(List<Integer> asked, Requests requests, Answers answers) {
        Queue<Future<byte[]>> running = new ArrayDeque<>();
        int next = 0;
        for (int device : asked) {
            while (next < asked.size() && running.size() < ANSWERS_PER_SLOT * slots) {
                int started = asked.get(next++);
                running.add(threads.submit(() -> workOnFreeBench(started, requests)));
            }
            try {
                deliver(device, running.remove().get(), answers);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error fault) {
                    // As with one slot: this process is at fault, not a device, which reports its own failures.
                    throw fault;
                }
                answers.lost(device, "device " + device + " could not be asked (" + e.getCause() + ")");
            } catch (InterruptedException e) {
                running.forEach(future -> future.cancel(true));
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while devices were at work", e);
            }
        }
    }

    private byte[] workOnFreeBench(int device, Requests requests) throws InterruptedException {
        SessionCache sessions = free.take();
        try {
            return work(device, requests, sessions);
        } finally {
            free.add(sessions);
        }
    }

    private byte[] work(int device, Requests requests, SessionCache sessions) {
        SessionMeter meter = sessions.meter();
        if (meter != null) {
            meter.startMessage();
        }
        byte[] request = requests.frame(device);
        if (meter != null) {
            meter.stopMessage(PassKind.ENCODE, request, ServerMeter.PREFIX);
        }
        traffic.count(request);
        return devices.get(device).handle(request, sessions);
    }

    private void deliver(int device, byte[] answer, Answers answers) {
        traffic.count(answer);
        answers.answered(device, answer);
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

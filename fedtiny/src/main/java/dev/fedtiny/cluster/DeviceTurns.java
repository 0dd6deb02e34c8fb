package dev.fedtiny.cluster;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.device.Device;
import dev.fedtiny.device.DeviceMeasurement;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.method.Methods;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.SessionTerms;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Devices on a node. A device that was here in its last turn is used again, by its age; any other is made anew and told what it held. One
 * device works on one thread. A node keeps the devices it used last, {@value #MOST_DEVICES} of each of {@value #MOST_RUNS} runs; images it
 * was sent lie in files without a name, outside the heap.
 */
public final class DeviceTurns implements TurnTask {
    /** By what turns name this task. */
    static final String NAME = "device";
    private static final int MOST_RUNS = 4;
    private static final int MOST_DEVICES = 256;

    private final Map<String, Run> runs = eldest(MOST_RUNS);

    /** For the service loader. */
    public DeviceTurns() {
    }

    /** What is used most lately. */
    private static <V> Map<String, V> eldest(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> oldest) {
                return size() > most;
            }
        };
    }

    /** A device after a turn. */
    private record Kept(Device device, long age) {
    }

    /** A run on this node. */
    private static final class Run {
        private final SessionTerms terms;
        private final Map<String, Kept> devices = eldest(MOST_DEVICES);
        private final Map<String, Dataset> images = eldest(MOST_DEVICES);
        private final Queue<SessionCache> sessions = new ConcurrentLinkedQueue<>();

        Run(byte[] terms) {
            this.terms = SessionTerms.decode(terms, Methods.tasks());
        }

        /** Nobody else gets it until it is kept again. */
        synchronized Kept take(int device) {
            return devices.remove(Integer.toString(device));
        }

        synchronized void keep(int device, Kept kept) {
            devices.put(Integer.toString(device), kept);
        }

        synchronized Dataset images(String hash) {
            return images.get(hash);
        }

        synchronized void images(String hash, Dataset dataset) {
            images.put(hash, dataset);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte[] run(byte[] content, TurnNode node) {
        DeviceTurn turn = DeviceTurn.decode(content);
        Run run = of(turn, node);
        Kept kept = run.take(turn.device());
        try {
            Device device = kept != null && turn.age() != DeviceTurn.NEVER && kept.age() == turn.age() ? kept.device()
                    : anew(turn, run, node);
            node.require(List.of(turn.request().body()));
            // Work that ends before its answer leaves the device between two turns.
            kept = null;
            byte[] answer = answer(device, turn.request().frame(node.object(turn.request().body())), run);
            kept = new Kept(device, turn.turn());
            return answer;
        } finally {
            if (kept != null) {
                run.keep(turn.device(), kept);
            }
        }
    }

    private synchronized Run of(DeviceTurn turn, TurnNode node) {
        Run run = runs.get(turn.run());
        if (run == null) {
            run = new Run(node.object(turn.terms()));
            runs.put(turn.run(), run);
        }
        return run;
    }

    private static Device anew(DeviceTurn turn, Run run, TurnNode node) {
        Dataset images = turn.data().isEmpty() ? node.share(turn.device()) : run.images(turn.data());
        List<String> needed = new ArrayList<>(List.of(turn.request().body()));
        turn.recall().ifPresent(recall -> needed.add(recall.body()));
        if (images == null) {
            needed.add(turn.data());
        }
        node.require(needed);
        if (images == null) {
            images = ImageFile.map(node.object(turn.data()), Path.of(System.getProperty("java.io.tmpdir")));
            run.images(turn.data(), images);
        }
        Device device = new Device(turn.device(), run.terms.network(), images, run.terms.settings());
        turn.recall().ifPresent(recall -> {
            byte[] frame = recall.frame(node.object(recall.body()));
            ByteArrayInputStream rest = new ByteArrayInputStream(frame, Frame.HEADER_BYTES, frame.length - Frame.HEADER_BYTES);
            device.recall(recall.head(), (into, from, count) -> {
                if (rest.readNBytes(into, from, count) < count) {
                    throw new EOFException("the frame ends before its length");
                }
            });
        });
        return device;
    }

    private static byte[] answer(Device device, byte[] request, Run run) {
        Metering metering = run.terms.metering();
        SessionCache sessions = run.sessions.poll();
        if (sessions == null) {
            sessions = new SessionCache(Workers.of(1), metering);
        }
        try {
            byte[] frame = device.handle(request, sessions);
            byte[] measured = metering == Metering.ON ? DeviceMeasurement.here(sessions).frame(device.number()) : new byte[0];
            return new DeviceTurn.Answer(frame, measured).encode();
        } finally {
            run.sessions.add(sessions);
        }
    }
}

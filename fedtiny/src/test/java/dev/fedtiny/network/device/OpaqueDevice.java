package dev.fedtiny.network.device;

import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.FrameSink;
import dev.fedtiny.protocol.FrameSource;
import dev.fedtiny.protocol.FrameWriter;
import dev.fedtiny.protocol.MessageKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A device that trains nothing: its answer is the request's payload, every byte one more, some times over. What it was told, and how it
 * ended, can be looked at.
 */
public final class OpaqueDevice implements AutoCloseable {
    private static final int TRAIN_SAMPLES = 10;
    private static final int CHECKSUM_BYTES = 4;

    private final LinkSession sessions;
    private final AnswerSpool spool;
    private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final List<TurnCost> costs = new CopyOnWriteArrayList<>();
    private final TurnLoop loop;
    private final FrameScript script;
    private volatile Throwable end;
    private volatile int made;
    private final Thread thread;

    /** What a device answers. */
    @FunctionalInterface
    public interface Script {
        /** A frame; may wait. */
        byte[] answer(int round, int device) throws InterruptedException;
    }

    /** What a device answers that reads what it was asked. */
    @FunctionalInterface
    public interface FrameScript {
        /** The answer's frame to a request's. */
        byte[] answer(byte[] request) throws InterruptedException;
    }

    /**
     * A device that runs at once and answers its payload.
     *
     * @param times how many times the payload is in the answer
     * @param work done before the answer
     */
    public OpaqueDevice(URI server, Trust trust, DeviceKey key, Optional<DeviceToken> token, Path folder, int times, Duration patience,
            Runnable work) throws IOException {
        this(new ServerLink(server, trust, null), key, token, folder, patience, new Shape(1, 2, 2), TRAIN_SAMPLES, request -> {
            work.run();
            return answer(Frame.roundOf(request), device(request), Arrays.copyOfRange(request, Frame.HEADER_BYTES,
                    request.length - CHECKSUM_BYTES), times);
        });
    }

    /** A device that runs at once. */
    public OpaqueDevice(URI server, Trust trust, DeviceKey key, Optional<DeviceToken> token, Path folder, Duration patience, Script script)
            throws IOException {
        this(new ServerLink(server, trust, null), key, token, folder, patience, new Shape(1, 2, 2), TRAIN_SAMPLES,
                request -> script.answer(Frame.roundOf(request), device(request)));
    }

    /** A device that runs at once, with samples of its own, and looks at the frames that it is sent. */
    public static OpaqueDevice of(URI server, Trust trust, DeviceToken token, Path folder, Shape shape, int samples, FrameScript script)
            throws IOException {
        return new OpaqueDevice(new ServerLink(server, trust, null), DeviceKey.generate(), Optional.of(token), folder,
                Duration.ofMinutes(2), shape, samples, script);
    }

    private OpaqueDevice(ServerLink link, DeviceKey key, Optional<DeviceToken> token, Path folder, Duration patience, Shape shape,
            int samples, FrameScript script) throws IOException {
        this.script = script;
        this.sessions = new LinkSession(link, key, token, new LinkSession.Introduction() {
            @Override
            public int samples() {
                return samples;
            }

            @Override
            public Shape shape() {
                return shape;
            }
        }, patience, notes::add);
        this.spool = new AnswerSpool(folder);
        this.loop = new TurnLoop(sessions, spool, beats, () -> true, costs::add, notes::add, (number, terms) -> {
            made++;
            return this::answer;
        });
        this.thread = Thread.ofPlatform().daemon().name("opaque-device").start(() -> {
            try {
                loop.run();
            } catch (Throwable e) {
                end = e;
            }
        });
    }

    private static int device(byte[] frame) {
        return ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt(Frame.HEADER_BYTES - Integer.BYTES);
    }

    private void answer(byte[] head, FrameSource rest, FrameSink answer) {
        try {
            int left = Frame.payloadBytes(head, Frame.MAXIMUM_PAYLOAD_BYTES).orElseThrow() + CHECKSUM_BYTES;
            byte[] request = Arrays.copyOf(head, head.length + left);
            rest.read(request, head.length, left);
            byte[] frame = script.answer(request);
            for (int from = 0; from < frame.length; from += 1000) {
                answer.write(frame, from, Math.min(1000, frame.length - from));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new ClosedByInterruptException());
        }
    }

    /** What such a device answers. */
    public static byte[] answer(int round, int device, byte[] payload, int times) {
        byte[] one = payload.clone();
        for (int i = 0; i < one.length; i++) {
            one[i]++;
        }
        FrameWriter writer = new FrameWriter(MessageKind.UPDATE, round, device, (long) times * payload.length);
        for (int i = 0; i < times; i++) {
            writer.bytes(one);
        }
        return writer.finish();
    }

    /** What it had to say to its user. */
    public List<String> notes() {
        return notes;
    }

    /** Of its turns. */
    public List<TurnCost> costs() {
        return costs;
    }

    /** How often it had to forget everything. */
    public int made() {
        return made;
    }

    /** What it failed with; null while it runs, and where it failed with nothing. */
    public Throwable end() {
        return end;
    }

    /** Waits for its end: what it failed with, or null. */
    public Throwable await(Duration within) throws InterruptedException {
        if (!thread.join(within)) {
            throw new IllegalStateException("the device still runs; it said " + notes);
        }
        return end;
    }

    /** As a process that is killed. */
    @Override
    public void close() throws IOException {
        thread.interrupt();
        beats.shutdownNow();
        try {
            // It may read from a line that is silent, of which no interrupt wakes it.
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        spool.close();
    }
}

package dev.fedtiny.device;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.FrameWriter;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.Message;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.PayloadReader;
import dev.fedtiny.protocol.PayloadWriter;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.RoundPhase;
import dev.fedtiny.protocol.Traffic;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a metered device process says it measured since it was last asked. Like {@link Join} it is no {@link Message} and no part of a
 * fleet's {@link Traffic}: a run that is metered reports the bytes of one that is not. The request has no payload. Payload of the answer:
 * peak heap, collections and their milliseconds (8 bytes each); steps, images, step time, metered time, processor time or −1 (8 each); peak
 * bytes and peaks by category (8 each); number of phases (1) and for each its number (1) and bytes by category (8 each); number of
 * operators (4) and for each length of its name (1), name, pass (1) and eight figures (8 each).
 *
 * @param peakHeapBytes the most of the heap that was used, garbage included, summed over the collector's generations
 * @param collections garbage collections so far
 * @param collectionMillis time spent in them
 * @param measured what its work took
 */
public record DeviceMeasurement(long peakHeapBytes, long collections, long collectionMillis, Measured measured) {
    /** The longest payload that is read. */
    public static final int MAXIMUM_PAYLOAD_BYTES = 1 << 20;
    private static final int MAXIMUM_OPERATORS = 1 << 13;
    private static final int MAXIMUM_NAME_BYTES = 100;
    /** Larger numbers are no measurement; sums of smaller ones over a run stay exact. */
    private static final long MAXIMUM_FIGURE = 1L << 53;
    private static final MemoryCategory[] CATEGORIES = MemoryCategory.values();
    private static final PassKind[] PASSES = PassKind.values();
    private static final RoundPhase[] PHASES = RoundPhase.values();
    private static final int FIXED_BYTES = 8 * 9 + 8 * CATEGORIES.length + 5;

    /**
     * What a device is asked with.
     *
     * @param device which
     * @return a frame without payload
     */
    public static byte[] request(int device) {
        return new FrameWriter(MessageKind.MEASURE, Frame.NO_ROUND, device, 0).finish();
    }

    /**
     * Whether a header begins such a request.
     *
     * @param header of a frame
     * @return true where it does
     */
    public static boolean isRequest(byte[] header) {
        return Frame.kindOf(header).filter(MessageKind.MEASURE::equals).isPresent();
    }

    /**
     * Makes the peaks that follow those of one device alone, in a process that works for one after the other: the session of the device
     * before is closed, its garbage collected, and the peaks of the heap begin anew.
     *
     * @param sessions that are measured
     */
    public static void begin(SessionCache sessions) {
        sessions.close();
        System.gc();
        ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
    }

    /**
     * This process, and what was measured on its sessions since this was last asked.
     *
     * @param sessions that were measured
     * @return what has been since it was last asked
     */
    public static DeviceMeasurement here(SessionCache sessions) {
        long heap = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            heap += pool.getType() == MemoryType.HEAP ? pool.getPeakUsage().getUsed() : 0;
        }
        long collections = 0;
        long millis = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            collections += Math.max(0, collector.getCollectionCount());
            millis += Math.max(0, collector.getCollectionTime());
        }
        return new DeviceMeasurement(heap, collections, millis, sessions.takeMeasured());
    }

    /**
     * The frame of the answer.
     *
     * @param device whose answer it is
     * @return the frame
     */
    public byte[] frame(int device) {
        MeterReading reading = measured.reading();
        long bytes = FIXED_BYTES + (1 + 8L * CATEGORIES.length) * measured.phases().size()
                + reading.operators().stream().mapToLong(o -> 66 + name(o).length).sum();
        FrameWriter writer = new FrameWriter(MessageKind.MEASURED, Frame.NO_ROUND, device, bytes);
        writer.int64(peakHeapBytes).int64(collections).int64(collectionMillis).int64(reading.steps()).int64(reading.images())
                .int64(reading.stepNanos()).int64(reading.meteredNanos()).int64(reading.cpuNanos().orElse(-1)).int64(measured.peakBytes());
        write(writer, measured.peaks());
        writer.int8(measured.phases().size());
        measured.phases().forEach((phase, live) -> write(writer.int8(phase.ordinal()), live));
        writer.int32(reading.operators().size());
        for (OperatorCost o : reading.operators()) {
            writer.int8(name(o).length).bytes(name(o)).int8(o.pass().ordinal()).int64(o.calls()).int64(o.threadNanos()).int64(o.nanos())
                    .int64(o.usefulMacs()).int64(o.executedMacs()).int64(o.denseMacs()).int64(o.trafficBytes()).int64(o.allocatedBytes());
        }
        return writer.finish();
    }

    private static byte[] name(OperatorCost cost) {
        byte[] name = cost.operator().getBytes(StandardCharsets.UTF_8);
        return name.length <= MAXIMUM_NAME_BYTES ? name : Arrays.copyOf(name, MAXIMUM_NAME_BYTES);
    }

    private static void write(PayloadWriter writer, Map<MemoryCategory, Long> bytes) {
        for (MemoryCategory category : CATEGORIES) {
            writer.int64(bytes.getOrDefault(category, 0L));
        }
    }

    /**
     * Reads an answer of unknown origin.
     *
     * @param bytes a frame of unknown origin
     * @param device that was asked
     * @return what it says
     * @throws ProtocolException if it is none of this kind, or a figure is impossible
     */
    public static DeviceMeasurement decode(byte[] bytes, int device) {
        Frame frame = Frame.decode(bytes);
        if (frame.kind() != MessageKind.MEASURED || frame.device() != device) {
            throw new ProtocolException(ProtocolException.Fault.TYPE, "device " + device + " was asked for its measurements and "
                    + "answered with " + frame.kind() + " of device " + frame.device());
        }
        PayloadReader reader = new PayloadReader(frame.payload(), "measurements of device " + device);
        long heap = figure(reader, "peak heap", 0);
        long collections = figure(reader, "collections", 0);
        long millis = figure(reader, "collection time", 0);
        long steps = figure(reader, "steps", 0);
        long images = figure(reader, "images", 0);
        long stepNanos = figure(reader, "step time", 0);
        long meteredNanos = figure(reader, "metered time", 0);
        long cpu = figure(reader, "processor time", -1);
        if (meteredNanos > stepNanos) {
            throw reader.content("operators took " + meteredNanos + " ns of steps that took " + stepNanos);
        }
        long peak = figure(reader, "peak bytes", 0);
        Map<MemoryCategory, Long> peaks = categories(reader);
        Map<RoundPhase, Map<MemoryCategory, Long>> phases = new EnumMap<>(RoundPhase.class);
        for (int left = reader.int8In("phases", PHASES.length); left > 0; left--) {
            phases.put(PHASES[reader.int8In("phase", PHASES.length - 1)], categories(reader));
        }
        List<OperatorCost> operators = new ArrayList<>();
        for (int left = reader.int32In("operators", 0, MAXIMUM_OPERATORS); left > 0; left--) {
            operators.add(operator(reader));
        }
        reader.end();
        MeterReading reading = new MeterReading(operators, steps, images, stepNanos, meteredNanos,
                cpu < 0 ? OptionalLong.empty() : OptionalLong.of(cpu));
        return new DeviceMeasurement(heap, collections, millis, new Measured(reading, peak, peaks, phases));
    }

    private static OperatorCost operator(PayloadReader reader) {
        String name = new String(reader.bytes(reader.int8In("name length", MAXIMUM_NAME_BYTES)), StandardCharsets.UTF_8)
                .replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
        return new OperatorCost(name, PASSES[reader.int8In("pass", PASSES.length - 1)], figure(reader, "calls", 0),
                figure(reader, "thread time", 0), figure(reader, "time", 0), figure(reader, "useful multiply-adds", 0),
                figure(reader, "executed multiply-adds", 0), figure(reader, "dense multiply-adds", 0), figure(reader, "traffic", 0),
                figure(reader, "allocated bytes", 0));
    }

    private static Map<MemoryCategory, Long> categories(PayloadReader reader) {
        Map<MemoryCategory, Long> bytes = new EnumMap<>(MemoryCategory.class);
        for (MemoryCategory category : CATEGORIES) {
            bytes.put(category, figure(reader, "bytes", 0));
        }
        return bytes;
    }

    private static long figure(PayloadReader reader, String name, long least) {
        long value = reader.int64();
        if (value < least || value > MAXIMUM_FIGURE) {
            throw reader.content(name + " is " + value + ", expected " + least + " to " + MAXIMUM_FIGURE);
        }
        return value;
    }
}

package dev.fedtiny.protocol;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.zip.CRC32C;

/**
 * Reads a payload of unknown origin: every read is checked against what is left before anything is allocated. The payload is an array, or
 * comes piece by piece from a source, so that no more than a window of it is ever in memory.
 */
public final class PayloadReader {
    private static final int WINDOW_BYTES = 1 << 16;

    private final ByteBuffer buffer;
    private final String what;
    private final FrameSource source;
    private final CRC32C crc = new CRC32C();
    /** Bytes of the payload that the source has yet to give. */
    private int outside;
    private boolean ended;

    /**
     * From the start of a payload; {@code what} names the message in errors.
     *
     * @param payload from its position to its limit; not changed
     * @param what names the message in errors
     */
    public PayloadReader(ByteBuffer payload, String what) {
        this.buffer = payload.duplicate().order(payload.order());
        this.what = what;
        this.source = null;
    }

    /**
     * From a source that has given a header and has yet to give payload and checksum.
     *
     * @param header checked by {@link Frame#payloadBytes}
     * @param source gives payload and checksum
     * @param what names the message in errors
     */
    public PayloadReader(byte[] header, FrameSource source, String what) {
        this.outside = Frame.payloadBytes(header, Frame.MAXIMUM_PAYLOAD_BYTES).orElseThrow();
        this.buffer = ByteBuffer.allocate(Math.clamp(outside, 8, WINDOW_BYTES)).order(ByteOrder.LITTLE_ENDIAN).limit(0);
        this.what = what;
        this.source = source;
        crc.update(header, 0, Frame.HEADER_BYTES);
    }

    /** Bytes not yet read. */
    int remaining() {
        return buffer.remaining() + outside;
    }

    /**
     * Checks that so many bytes follow.
     *
     * @param bytes how many
     * @throws ProtocolException if there are fewer
     */
    public void require(long bytes) {
        if (bytes > remaining()) {
            throw new ProtocolException(Fault.LENGTH, what + ": " + bytes + " bytes expected, " + remaining() + " are left of the payload");
        }
    }

    /** The buffer with at least so many bytes, 8 at most, in it. */
    private ByteBuffer next(int bytes) {
        require(bytes);
        if (buffer.remaining() < bytes) {
            fill();
        }
        return buffer;
    }

    private void fill() {
        buffer.compact();
        int count = Math.min(buffer.remaining(), outside);
        try {
            source.read(buffer.array(), buffer.position(), count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        crc.update(buffer.array(), buffer.position(), count);
        outside -= count;
        buffer.position(buffer.position() + count).flip();
    }

    /** {@return one byte, from 0 to 255} */
    public int int8() {
        return next(1).get() & 0xff;
    }

    /** {@return four bytes} */
    public int int32() {
        return next(4).getInt();
    }

    /** {@return eight bytes} */
    public long int64() {
        return next(8).getLong();
    }

    /** {@return eight bytes as a number; may be no finite one} */
    public double float64() {
        return next(8).getDouble();
    }

    /** {@return four bytes as a number; may be no finite one} */
    public float float32() {
        return next(4).getFloat();
    }

    /**
     * A number in [least, most].
     *
     * @param name what it is, for errors
     * @param least the smallest
     * @param most the largest
     * @return the number
     * @throws ProtocolException if it is outside
     */
    public int int32In(String name, int least, int most) {
        int value = int32();
        if (value < least || value > most) {
            throw content(name + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }

    /**
     * A one-byte number in [0, most].
     *
     * @param name what it is, for errors
     * @param most the largest
     * @return the number
     * @throws ProtocolException if it is above
     */
    public int int8In(String name, int most) {
        int value = int8();
        if (value > most) {
            throw content(name + " is " + value + ", expected 0 to " + most);
        }
        return value;
    }

    /**
     * A finite number.
     *
     * @param name what it is, for errors
     * @return the number
     * @throws ProtocolException if it is NaN or infinite
     */
    public double finite(String name) {
        double value = float64();
        if (!Double.isFinite(value)) {
            throw new ProtocolException(Fault.VALUE, what + ": " + name + " is " + value + ", expected a finite number");
        }
        return value;
    }

    /**
     * A finite number in [least, most].
     *
     * @param name what it is, for errors
     * @param least the smallest
     * @param most the largest
     * @return the number
     * @throws ProtocolException if it is outside, NaN or infinite
     */
    public double finiteIn(String name, double least, double most) {
        double value = finite(name);
        if (value < least || value > most) {
            throw content(name + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }

    /**
     * A number from 0 to 1; whether either end is allowed is said by {@code zero} and {@code one}.
     *
     * @param name what it is, for errors
     * @param zero whether 0 is allowed
     * @param one whether 1 is allowed
     * @return the number
     * @throws ProtocolException if it is none of these
     */
    public double share(String name, boolean zero, boolean one) {
        double value = float64();
        if (!(value > 0 && value < 1 || zero && value == 0 || one && value == 1)) {
            throw new ProtocolException(Fault.CONTENT, name + " is " + value + ", expected " + (zero ? "at least 0" : "more than 0")
                    + " and " + (one ? "at most 1" : "less than 1"));
        }
        return value;
    }

    /** The version of a mask. */
    int maskVersion() {
        return int32In("mask version", 0, Integer.MAX_VALUE);
    }

    /**
     * A mask of a tensor of so many positions, in a form of {@link MaskCodec}.
     *
     * @param size positions of the tensor
     * @return the mask
     * @throws ProtocolException if it is malformed or of another size
     */
    public Mask mask(int size) {
        return MaskCodec.read(this, size);
    }

    /**
     * What {@link PayloadWriter#masks} wrote: one mask a parameter.
     *
     * @param network the run's
     * @return one mask a parameter, full where it is not prunable
     * @throws ProtocolException if one is malformed
     */
    public List<Mask> masks(Network network) {
        Mask[] masks = new Mask[network.parameters().size()];
        for (int i = 0; i < masks.length; i++) {
            int size = network.parameters().get(i).size();
            masks[i] = network.parameters().get(i).prunable() ? mask(size) : Mask.full(size);
        }
        return List.of(masks);
    }

    /**
     * Values of all parameters under masks: finite, running variances not negative. All are there before anything is allocated.
     *
     * @param network the run's
     * @param masks one a parameter
     * @return one array a parameter, one value an active position
     * @throws ProtocolException if there are fewer, or one is not finite
     */
    public List<float[]> values(Network network, List<Mask> masks) {
        return values(network, masks, _ -> null);
    }

    /** The same into arrays lent for it, where those have the right lengths; null where none is lent. */
    List<float[]> values(Network network, List<Mask> masks, IntFunction<float[]> lent) {
        require(4 * masks.stream().mapToLong(Mask::count).sum());
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < masks.size(); i++) {
            Parameter parameter = network.parameters().get(i);
            values.add(float32s(masks.get(i).count(), parameter.name(), parameter.kind() == Kind.RUNNING_VARIANCE, lent.apply(i)));
        }
        return values;
    }

    /**
     * Values of all parameters at all positions, checked in the same way.
     *
     * @param network the run's
     * @return one array a parameter
     * @throws ProtocolException if there are fewer, or one is not finite
     */
    public List<float[]> dense(Network network) {
        require(4 * network.parameters().stream().mapToLong(Parameter::size).sum());
        List<float[]> values = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            values.add(float32s(parameter.size(), parameter.name(), parameter.kind() == Kind.RUNNING_VARIANCE));
        }
        return values;
    }

    /**
     * So many raw bytes.
     *
     * @param count how many
     * @return a new array
     * @throws ProtocolException if there are fewer
     */
    public byte[] bytes(int count) {
        require(count);
        byte[] values = new byte[count];
        for (int from = 0; from < count;) {
            int some = Math.min(count - from, next(1).remaining());
            buffer.get(values, from, some);
            from += some;
        }
        return values;
    }

    /**
     * So many finite values, none negative where {@code nonNegative}.
     *
     * @param count how many
     * @param name what they are, for errors
     * @param nonNegative whether values below 0 are refused too
     * @return a new array
     * @throws ProtocolException if there are fewer, or one is refused
     */
    public float[] float32s(int count, String name, boolean nonNegative) {
        return float32s(count, name, nonNegative, null);
    }

    /** The same into an array lent for it, where that has the right length. */
    float[] float32s(int count, String name, boolean nonNegative, float[] lent) {
        require(4L * count);
        float[] values = lent != null && lent.length == count ? lent : new float[count];
        for (int from = 0; from < count;) {
            int some = Math.min(count - from, next(4).remaining() / 4);
            buffer.asFloatBuffer().get(values, from, some);
            buffer.position(buffer.position() + 4 * some);
            from += some;
        }
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(values[i]) || nonNegative && values[i] < 0) {
                throw new ProtocolException(Fault.VALUE, what + ": '" + name + "' has " + values[i] + " at place " + i
                        + ", expected a finite" + (nonNegative ? " number of at least 0" : " number"));
            }
        }
        return values;
    }

    /** Checks that nothing is left, and, where the payload came from a source, that its checksum is right. */
    public void end() {
        if (remaining() > 0) {
            throw new ProtocolException(Fault.LENGTH, what + ": " + remaining() + " bytes follow after the end of the message");
        }
        if (source != null && !checksumFits()) {
            throw new ProtocolException(Fault.CHECKSUM,
                    what + ": the bytes do not give the checksum at their end: they were damaged on the way");
        }
    }

    private boolean checksumFits() {
        byte[] stored = new byte[4];
        ended = true;
        try {
            source.read(stored, 0, 4);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN).getInt() == (int) crc.getValue();
    }

    /** Reads past what a source has yet to give of the frame, whatever it is, so that the next frame can follow. */
    void skip() {
        if (source != null && !ended) {
            while (outside > 0) {
                buffer.clear().limit(0);
                fill();
            }
            checksumFits();
        }
    }

    /**
     * An error in what the message says.
     *
     * @param sentence what was found, what was expected
     * @return the exception, for the caller to throw
     */
    public ProtocolException content(String sentence) {
        return new ProtocolException(Fault.CONTENT, what + ": " + sentence);
    }
}

package dev.fedtiny.federation;

import dev.fedtiny.federation.ProtocolException.Fault;
import java.nio.ByteBuffer;

/** Reads a payload of unknown origin: every read is checked against what is left before anything is allocated. */
final class PayloadReader {
    private final ByteBuffer buffer;
    private final String what;

    /** From the start of a payload; {@code what} names the message in errors. */
    PayloadReader(ByteBuffer payload, String what) {
        this.buffer = payload.duplicate().order(payload.order());
        this.what = what;
    }

    /** Bytes not yet read. */
    int remaining() {
        return buffer.remaining();
    }

    /** Checks that so many bytes follow. */
    void require(long bytes) {
        if (bytes > buffer.remaining()) {
            throw new ProtocolException(Fault.LENGTH, what + ": " + bytes + " bytes expected after byte " + buffer.position()
                    + " of the payload, " + buffer.remaining() + " are left");
        }
    }

    int int8() {
        require(1);
        return buffer.get() & 0xff;
    }

    int int32() {
        require(4);
        return buffer.getInt();
    }

    long int64() {
        require(8);
        return buffer.getLong();
    }

    double float64() {
        require(8);
        return buffer.getDouble();
    }

    float float32() {
        require(4);
        return buffer.getFloat();
    }

    /** A number in [least, most]. */
    int int32In(String name, int least, int most) {
        int value = int32();
        if (value < least || value > most) {
            throw content(name + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }

    /** A one-byte number in [0, most]. */
    int int8In(String name, int most) {
        int value = int8();
        if (value > most) {
            throw content(name + " is " + value + ", expected 0 to " + most);
        }
        return value;
    }

    /** A finite number. */
    double finite(String name) {
        double value = float64();
        if (!Double.isFinite(value)) {
            throw new ProtocolException(Fault.VALUE, what + ": " + name + " is " + value + ", expected a finite number");
        }
        return value;
    }

    /** So many raw bytes. */
    byte[] bytes(int count) {
        require(count);
        byte[] values = new byte[count];
        buffer.get(values);
        return values;
    }

    /** So many finite values, none negative where {@code nonNegative}. */
    float[] float32s(int count, String name, boolean nonNegative) {
        require(4L * count);
        float[] values = new float[count];
        buffer.asFloatBuffer().get(values);
        buffer.position(buffer.position() + 4 * count);
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(values[i]) || nonNegative && values[i] < 0) {
                throw new ProtocolException(Fault.VALUE, what + ": '" + name + "' has " + values[i] + " at place " + i + ", expected a finite"
                        + (nonNegative ? " number of at least 0" : " number"));
            }
        }
        return values;
    }

    /** Checks that nothing is left. */
    void end() {
        if (buffer.hasRemaining()) {
            throw new ProtocolException(Fault.LENGTH, what + ": " + buffer.remaining() + " bytes follow after the end of the message");
        }
    }

    /** An error in what the message says. */
    ProtocolException content(String sentence) {
        return new ProtocolException(Fault.CONTENT, what + ": " + sentence);
    }
}

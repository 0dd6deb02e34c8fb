package dev.fedtiny.federation.process;

import java.nio.charset.StandardCharsets;

/**
 * Takes one line out of a stream of bytes the first time it stands there, whole and alone; everything else passes as it is. Bytes are held
 * back only as long as they may still become that line.
 */
final class OmittedLine {
    private final byte[] line;
    /** Bytes of the line that began and were held back, a carriage return behind it among them. */
    private int held;
    /** Whether the line that began is another one. */
    private boolean other;
    private boolean omitted;

    /** Of a line without its end. */
    OmittedLine(String line) {
        this.line = line.getBytes(StandardCharsets.UTF_8);
    }

    /** How many bytes of {@link #filter} may come out of so many. */
    int most(int count) {
        return count + line.length + 1;
    }

    /**
     * Passes bytes on.
     *
     * @param out takes what passes, {@link #most} bytes at most
     * @return how many passed
     */
    int filter(byte[] in, int count, byte[] out) {
        int passed = 0;
        for (int i = 0; i < count; i++) {
            byte value = in[i];
            if (omitted) {
                out[passed++] = value;
                continue;
            }
            boolean full = held >= line.length;
            if (!other && full && value == '\n') {
                omitted = true;
                held = 0;
            } else if (!other && (full ? held == line.length && value == '\r' : value == line[held])) {
                held++;
            } else {
                passed = release(out, passed);
                out[passed++] = value;
                other = value != '\n';
            }
        }
        return passed;
    }

    /** At the end of the stream: what was held back. */
    int rest(byte[] out) {
        return release(out, 0);
    }

    private int release(byte[] out, int at) {
        int of = Math.min(held, line.length);
        System.arraycopy(line, 0, out, at, of);
        if (held > line.length) {
            out[at + of] = '\r';
        }
        int end = at + held;
        held = 0;
        return end;
    }
}

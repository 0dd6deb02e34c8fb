package dev.fedtiny.experiment;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.util.ArrayList;
import java.util.List;

/**
 * How long the steps of a slice took on their node, and which steps the run has left: by what whoever drives a sweep tells the time that is
 * left.
 *
 * @param done in order
 * @param left in order
 */
record SliceTimes(List<Timed> done, List<Pace.Step> left) {
    /** Nothing done, and nothing known of what is left. */
    static final SliceTimes NONE = new SliceTimes(List.of(), List.of());

    private static final int LEAST_BYTES = Short.BYTES + 1 + Double.BYTES;

    /** Keeps its own lists. */
    SliceTimes {
        done = List.copyOf(done);
        left = List.copyOf(left);
    }

    /**
     * A step that is done.
     *
     * @param step which
     * @param seconds wall time
     */
    record Timed(Pace.Step step, double seconds) {
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(done.size());
        for (Timed one : done) {
            write(one.step(), out);
            out.writeDouble(one.seconds());
        }
        out.writeInt(left.size());
        for (Pace.Step step : left) {
            write(step, out);
        }
    }

    private static void write(Pace.Step step, DataOutputStream out) throws IOException {
        out.writeUTF(step.method());
        out.writeByte(step.kind().ordinal());
        out.writeDouble(step.flops());
    }

    static SliceTimes read(DataInputStream in) throws IOException {
        List<Timed> done = new ArrayList<>();
        for (int count = count(in); count > 0; count--) {
            done.add(new Timed(step(in), in.readDouble()));
        }
        List<Pace.Step> left = new ArrayList<>();
        for (int count = count(in); count > 0; count--) {
            left.add(step(in));
        }
        return new SliceTimes(done, left);
    }

    /** Believed only if so many can follow. */
    private static int count(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > in.available() / LEAST_BYTES) {
            throw new StreamCorruptedException(count + " steps, of which " + in.available() + " bytes are there");
        }
        return count;
    }

    private static Pace.Step step(DataInputStream in) throws IOException {
        try {
            return new Pace.Step(in.readUTF(), Pace.Kind.values()[in.readByte()], in.readDouble());
        } catch (ArrayIndexOutOfBoundsException | IllegalArgumentException e) {
            throw new StreamCorruptedException("a step that is none: " + e.getMessage());
        }
    }
}

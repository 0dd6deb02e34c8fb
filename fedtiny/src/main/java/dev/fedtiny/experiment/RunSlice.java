package dev.fedtiny.experiment;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Some rounds of a run, as a node of a cluster does them: it goes on from the run's directory as it was after the slice before, and gives
 * back the directory as it is then. Big-endian, in the order of the components.
 *
 * @param sweep whose run it is, so that two do not meet in what nodes keep
 * @param name of the run
 * @param settings the experiment, as {@link Experiment#print} writes it
 * @param images SHA-256 of training and test images as they are sent; none: the node opens them where the settings say
 * @param age the slice after which a directory that the node kept may be used; {@link #NEVER} before the first
 * @param slice this one; another for every attempt at one
 * @param seconds after so much time the run is paused behind the next checkpoint
 * @param files SHA-256 of the directory's files by name, for a node that has not kept it
 */
record RunSlice(String sweep, String name, String settings, List<String> images, long age, long slice, int seconds,
        Map<String, String> files) {
    /** No slice. */
    static final long NEVER = 0;

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(sweep);
            out.writeUTF(name);
            out.writeUTF(settings);
            out.writeInt(images.size());
            for (String image : images) {
                out.writeUTF(image);
            }
            out.writeLong(age);
            out.writeLong(slice);
            out.writeInt(seconds);
            out.writeInt(files.size());
            for (Map.Entry<String, String> file : files.entrySet()) {
                out.writeUTF(file.getKey());
                out.writeUTF(file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static RunSlice decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            String sweep = in.readUTF();
            String name = in.readUTF();
            String settings = in.readUTF();
            List<String> images = new ArrayList<>();
            for (int count = in.readInt(); count > 0; count--) {
                images.add(in.readUTF());
            }
            long age = in.readLong();
            long slice = in.readLong();
            int seconds = in.readInt();
            Map<String, String> files = new LinkedHashMap<>();
            for (int count = in.readInt(); count > 0; count--) {
                files.put(in.readUTF(), in.readUTF());
            }
            return new RunSlice(sweep, name, settings, images, age, slice, seconds, files);
        } catch (IOException e) {
            throw new IllegalArgumentException("a slice of a run is damaged: " + e, e);
        }
    }

    /** How a slice ended. */
    enum End {
        /** There are rounds left. */
        PAUSED,
        /** The run is done. */
        DONE,
        /** Its settings cannot be run. */
        WRONG_SETTINGS,
        /** Its images are not there or not right. */
        WRONG_DATA,
        /** It failed otherwise. */
        FAILED
    }

    /**
     * What came of a slice.
     *
     * @param end how it ended
     * @param sentence why it failed; empty where it did not
     * @param rounds that are done
     * @param of so many
     * @param accuracy on the test images after the last of them; NaN where it is not known
     * @param notes what a user should know
     * @param times of the steps done, and what is left
     * @param files of the run by name; where it failed manifest and ledger alone, of a run that has one
     */
    record Answer(End end, String sentence, int rounds, int of, double accuracy, List<String> notes, SliceTimes times,
            Map<String, byte[]> files) {
        byte[] encode() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeByte(end.ordinal());
                out.writeUTF(sentence);
                out.writeInt(rounds);
                out.writeInt(of);
                out.writeDouble(accuracy);
                out.writeInt(notes.size());
                for (String note : notes) {
                    out.writeUTF(note);
                }
                times.write(out);
                out.writeInt(files.size());
                for (Map.Entry<String, byte[]> file : files.entrySet()) {
                    out.writeUTF(file.getKey());
                    out.writeInt(file.getValue().length);
                    out.write(file.getValue());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }

        static Answer decode(byte[] bytes) throws IOException {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
                End end = End.values()[in.readByte()];
                String sentence = in.readUTF();
                int rounds = in.readInt();
                int of = in.readInt();
                double accuracy = in.readDouble();
                List<String> notes = new ArrayList<>();
                for (int count = in.readInt(); count > 0; count--) {
                    notes.add(in.readUTF());
                }
                SliceTimes times = SliceTimes.read(in);
                Map<String, byte[]> files = new LinkedHashMap<>();
                for (int count = in.readInt(); count > 0; count--) {
                    String name = in.readUTF();
                    int length = in.readInt();
                    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*") || length < 0 || length > in.available()) {
                        throw new StreamCorruptedException("a file '" + name + "' of " + length + " bytes");
                    }
                    files.put(name, in.readNBytes(length));
                }
                return new Answer(end, sentence, rounds, of, accuracy, notes, times, files);
            } catch (ArrayIndexOutOfBoundsException e) {
                throw new StreamCorruptedException("a slice that ended in no known way");
            }
        }
    }
}

package dev.fedtiny.cluster;

import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Request;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * One request to one device, as a node gets it. What is asked and what a fresh device must be told are frames of the protocol, whose bodies
 * are objects that the node has once, however many devices are asked the same: messages may change without a change here. Big-endian, in
 * the order of the components; texts as UTF, an absent one empty.
 *
 * @param run which run, so that two do not meet in what nodes keep
 * @param terms SHA-256 of the run's terms
 * @param device its number
 * @param data SHA-256 of its images; empty: the node holds them
 * @param age the turn after which a device that is kept may be used; {@link #NEVER} where none may
 * @param turn this one; another for every turn of the run
 * @param recall what a device must be told that was made anew; empty: nothing
 * @param request what is asked
 */
record DeviceTurn(String run, String terms, int device, String data, long age, long turn, Optional<Letter> recall, Letter request) {
    /** No turn. */
    static final long NEVER = -1;

    /**
     * A frame without its body.
     *
     * @param head the frame's header
     * @param body SHA-256 of its body
     * @param tail the frame's checksum
     */
    record Letter(byte[] head, String body, byte[] tail) {
        static Letter of(Request request) {
            return new Letter(request.head(), request.body().sha256(), request.tail());
        }

        private void write(PartsWriter writer) {
            writer.part(head).write(out -> out.writeUTF(body)).part(tail);
        }

        private static Letter read(DataInputStream in) throws IOException {
            return new Letter(Parts.read(in), in.readUTF(), Parts.read(in));
        }

        /** The whole frame. */
        byte[] frame(byte[] payload) {
            byte[] frame = new byte[head.length + payload.length + tail.length];
            System.arraycopy(head, 0, frame, 0, head.length);
            System.arraycopy(payload, 0, frame, head.length, payload.length);
            System.arraycopy(tail, 0, frame, head.length + payload.length, tail.length);
            return frame;
        }

        /** Whether it can be a frame at all. */
        boolean isFrame() {
            return head.length == Frame.HEADER_BYTES && tail.length == Integer.BYTES;
        }
    }

    byte[] encode() {
        PartsWriter writer = new PartsWriter().write(out -> {
            out.writeUTF(run);
            out.writeUTF(terms);
            out.writeInt(device);
            out.writeUTF(data);
            out.writeLong(age);
            out.writeLong(turn);
            out.writeBoolean(recall.isPresent());
        });
        recall.ifPresent(letter -> letter.write(writer));
        request.write(writer);
        return writer.joined();
    }

    static DeviceTurn decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            DeviceTurn turn = new DeviceTurn(in.readUTF(), in.readUTF(), in.readInt(), in.readUTF(), in.readLong(), in.readLong(),
                    in.readBoolean() ? Optional.of(Letter.read(in)) : Optional.empty(), Letter.read(in));
            if (!turn.request.isFrame() || turn.recall.isPresent() && !turn.recall.get().isFrame()) {
                throw new IOException("what is asked is no frame");
            }
            return turn;
        } catch (IOException e) {
            throw new TurnRefusedException("a device's turn is damaged: " + e.getMessage());
        }
    }

    /**
     * What comes of it.
     *
     * @param frame the device's answer
     * @param measured what its work took, as a frame; empty where nothing is measured
     */
    record Answer(byte[] frame, byte[] measured) {
        byte[] encode() {
            return new PartsWriter().part(frame).part(measured).joined();
        }

        static Answer decode(byte[] bytes) throws IOException {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
                return new Answer(Parts.read(in), Parts.read(in));
            }
        }
    }
}

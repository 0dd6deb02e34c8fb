package dev.fedtiny.network.device;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.network.wire.Wire;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Bytes of an object of the server in their order, whatever lines break meanwhile; their SHA-256 is looked at with the last. What it failed
 * with it fails with again. Not thread-safe.
 */
final class Download implements Closeable {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");

    private final LinkSession sessions;
    private final Consumer<String> notes;
    private final int readMillis;
    private final String sha256;
    private final int length;
    private final Resumption resumption;
    private final MessageDigest digest = Sha256.begin();
    private int position;
    private long received;
    private ServerLink.Download line;
    private IOException failure;

    /**
     * Nothing is asked for yet.
     *
     * @param notes is told of lines that break
     * @param readMillis how long a line may be silent
     * @param sha256 by which the server knows the object
     * @param length bytes of it
     * @throws IOException if that is the SHA-256 of nothing
     */
    Download(LinkSession sessions, Consumer<String> notes, int readMillis, String sha256, int length) throws IOException {
        if (!NAME.matcher(sha256).matches()) {
            throw new IOException("the server names bytes '" + Wire.printable(sha256, 64) + "', expected a SHA-256 of 64 digits");
        }
        this.sessions = sessions;
        this.notes = notes;
        this.readMillis = readMillis;
        this.sha256 = sha256;
        this.length = length;
        this.resumption = new Resumption(sessions);
    }

    /** Bytes that have yet to be read. */
    int left() {
        return length - position;
    }

    /** Bytes that came over the line, those that came twice included. */
    long received() {
        return received;
    }

    void read(byte[] into, int from, int count) throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            readWhole(into, from, count);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    private void readWhole(byte[] into, int from, int count) throws IOException {
        if (count > left()) {
            throw new EOFException("the request ends before it is whole");
        }
        for (int filled = 0; filled < count;) {
            if (line == null) {
                line = open();
            }
            try {
                int read = line.in().read(into, from + filled, count - filled);
                if (read < 0) {
                    throw new EOFException("the line ended after " + position + " of " + length + " bytes");
                }
                digest.update(into, from + filled, read);
                filled += read;
                received += read;
                position += read;
            } catch (IOException e) {
                broke(e);
            }
        }
        if (left() == 0) {
            close();
            if (!Sha256.text(digest).equals(sha256)) {
                throw new IOException("the request has not the SHA-256 it was announced with");
            }
        }
    }

    /** The line that stands where this one does; null where it broke before. */
    private ServerLink.Download open() throws IOException {
        ServerLink.Download opened = sessions.call(session -> sessions.link().download(Wire.OBJECTS + sha256, session.headers(), position,
                readMillis), ServerLink.Download::status);
        switch (opened.status()) {
            case 200 -> {
                try {
                    opened.in().skipNBytes(position);
                    received += position;
                } catch (IOException e) {
                    line = opened;
                    broke(e);
                    return null;
                }
            }
            case 206 -> {
                // It goes on where it was asked to.
            }
            case 404, 410 -> {
                opened.close();
                throw new TurnOverException("the request is not to be had any more (HTTP status " + opened.status() + ")");
            }
            default -> {
                opened.close();
                throw new IOException("the request cannot be had, " + sessions.link().server() + " answers with HTTP status "
                        + opened.status());
            }
        }
        return opened;
    }

    private void broke(IOException e) throws IOException {
        close();
        notes.accept("a download broke (" + e.getMessage() + ") and goes on");
        resumption.broke(e, position);
    }

    /** Lets go of the line. */
    @Override
    public void close() {
        if (line != null) {
            line.close();
            line = null;
        }
    }
}

package dev.fedtiny.federation.process;

import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** How a {@link DeviceToken} comes to its device: through a pipe, or a file that nobody but its owner can read. */
public final class TokenFile {
    private static final int LONGEST = 256;
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");
    private static final boolean POSIX = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private TokenFile() {
    }

    /**
     * Writes a token into a new file of mode 0600, which is whole under its name; a file or link of that name is removed.
     *
     * @param file where; its folder must exist
     * @param token what is written, in hexadecimal
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, DeviceToken token) throws IOException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
        AtomicFile.createPrivate(file, channel -> {
            ByteBuffer line = line(token);
            while (line.hasRemaining()) {
                channel.write(line);
            }
        });
    }

    private static ByteBuffer line(DeviceToken token) {
        return ByteBuffer.wrap((token.hex() + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Reads a token from a file.
     *
     * @param file what {@link #write} wrote, or a person
     * @return the token
     * @throws IllegalArgumentException if others may read the file too, or it holds no token
     * @throws IOException if it cannot be read
     */
    public static DeviceToken read(Path file) throws IOException {
        if (POSIX) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(OTHERS::contains)) {
                throw new IllegalArgumentException("token file '" + file + "' has the permissions "
                        + PosixFilePermissions.toString(permissions) + ", so that others may know the secret; expected none for others: "
                        + "chmod 600");
            }
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(in);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("token file '" + file + "': " + e.getMessage(), e);
        }
    }

    /**
     * Reads a token from one line of a stream, and nothing that follows.
     *
     * @param in is read up to the end of its first line
     * @return the token
     * @throws IllegalArgumentException if it is none
     * @throws IOException if it cannot be read
     */
    public static DeviceToken read(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n' && line.length() < LONGEST; next = in.read()) {
            line.append((char) next);
        }
        return DeviceToken.parse(line.toString());
    }

    /**
     * Gives a token to a process on its standard input, which stays open: its end tells the process that its server is gone. A process that
     * has ended before it could read is left to say why itself.
     *
     * @param process has just been started, with a pipe for its standard input
     * @param token its device's secret
     */
    public static void give(Process process, DeviceToken token) {
        OutputStream in = process.getOutputStream();
        try {
            in.write(line(token).array());
            in.flush();
        } catch (IOException e) {
            // Nobody reads: the process has ended.
        }
    }
}

package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.federation.process.BoundedLog;
import dev.fedtiny.federation.process.DeviceLauncher;
import dev.fedtiny.federation.process.JavaCommand;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * The folder by which processes of the command {@code device} are given what they work with: the settings, an image file a device and a
 * secret a process. A log a process stands there, too.
 *
 * @param path the folder, which is there
 */
public record DeviceFolder(Path path) {
    private static final String SETTINGS = "settings.properties";
    private static final String TOKEN = ".token";
    /** Logs of a process, the one before included. */
    private static final long LOG_BYTES = 1 << 20;

    /** What a process is: one device, or one of a pool. */
    enum Role {
        DEVICE, PROCESS;

        /** The option of the command {@code device}, and the beginning of the names of its files. */
        private String word() {
            return SettingSpec.word(this);
        }
    }

    /**
     * Makes a folder for secrets and private images: nobody else may look into it, also where it was there before.
     *
     * @throws IOException if it cannot be made
     */
    static DeviceFolder makePrivate(Path path) throws IOException {
        PrivateFolder.createInside(path);
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        }
        return new DeviceFolder(path);
    }

    /**
     * Writes what every process reads.
     *
     * @param experiment the settings
     * @throws IOException if the file cannot be written
     */
    public void write(Experiment experiment) throws IOException {
        AtomicFile.write(path.resolve(SETTINGS), experiment.print());
    }

    /**
     * Writes a device's images.
     *
     * @param device from 0
     * @param images its share
     * @throws IOException if the file cannot be written
     */
    public void write(int device, Dataset images) throws IOException {
        // Of a server that was killed; its devices are gone or still hold their mapping.
        Files.deleteIfExists(images(device));
        ImageFile.write(images, images(device));
    }

    /**
     * The file of a device's images.
     *
     * @param device from 0
     * @return its path
     */
    public Path images(int device) {
        return file(Role.DEVICE, device, ".images");
    }

    /** The file of a process's secret. */
    Path token(Role role, int number) {
        return file(role, number, TOKEN);
    }

    private Path file(Role role, int number, String ending) {
        return path.resolve(role.word() + "-" + number + ending);
    }

    /**
     * Starts processes of this program's {@code device} command, each one device.
     *
     * @param java the command that starts this program's Java
     * @return starts one process a device
     */
    public DeviceLauncher launcher(JavaCommand java) {
        return launcher(java, Role.DEVICE);
    }

    DeviceLauncher launcher(JavaCommand java, Role role) {
        return new DeviceLauncher() {
            @Override
            public Process start(int number, int lane, InetSocketAddress server, DeviceToken token) throws IOException {
                Process process = new ProcessBuilder(java.command(lane, command(role, number, server, "-"))).redirectErrorStream(true)
                        .start();
                TokenFile.give(process, token);
                return process;
            }

            @Override
            public OutputStream log(int number) throws IOException {
                return new BoundedLog(file(role, number, ".log"), LOG_BYTES);
            }
        };
    }

    /**
     * The command and its words that a process works by.
     *
     * @param token a file that holds the process's secret; {@code -}: standard input
     */
    List<String> command(Role role, int number, InetSocketAddress server, String token) {
        return List.of("device", path.resolve(SETTINGS).toString(), "--connect",
                server.getAddress().getHostAddress() + ":" + server.getPort(), "--" + role.word(), Integer.toString(number), "--images",
                (role == Role.DEVICE ? images(number) : path).toString(), "--token-file", token);
    }
}

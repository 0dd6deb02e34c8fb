package dev.fedtiny.network.server;

import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A key of a server that no authority signed, for trying out and for closed networks: devices pin its fingerprint. Made by the JDK's
 * {@code keytool} in the federation's folder and used again at the next start; its password lies beside it; both files have mode 0600.
 */
public final class SelfSigned {
    private static final String STORE = "server.p12";
    private static final String PASSWORD = "server.password";
    private static final int DAYS = 825;
    private static final int KEYTOOL_SECONDS = 60;

    private SelfSigned() {
    }

    /**
     * The key in a folder, made if there is none.
     *
     * @param folder of the federation
     * @param names host names and addresses that devices reach the server by
     * @return ready to serve
     * @throws IOException if it cannot be read or made
     * @throws IllegalArgumentException while another process makes it
     */
    public static ServerTls openOrCreate(Path folder, List<String> names) throws IOException {
        Path store = folder.resolve(STORE);
        Path password = folder.resolve(PASSWORD);
        if (Files.notExists(store)) {
            try (ProcessLock _ = ProcessLock.of(folder, "key")) {
                if (Files.notExists(store)) {
                    TokenFile.write(password, DeviceToken.random());
                    create(store, password, names);
                }
            }
        }
        return ServerTls.of(store, password(password), Optional.empty(), new char[0]);
    }

    /**
     * The first line of a file with a password.
     *
     * @param file to read
     * @return without the line's end
     * @throws IOException if it cannot be read
     */
    public static char[] password(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8).lines().findFirst().orElse("").toCharArray();
    }

    /** Under its name the store is whole: half a store would keep the server from starting for good. */
    private static void create(Path store, Path password, List<String> names) throws IOException {
        String alternatives = names.stream().map(name -> (isAddress(name) ? "ip:" : "dns:") + name).collect(Collectors.joining(","));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(store.toAbsolutePath().getParent(), "." + STORE + ".*tmp")) {
            for (Path half : left) {
                Files.deleteIfExists(half);
            }
        }
        // Of a name of its own: the keytool of a process that was killed goes on, with the password before.
        Path fresh = store.resolveSibling("." + STORE + "." + UUID.randomUUID() + ".tmp");
        Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
                "-alias", "fedtiny", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", Integer.toString(DAYS), "-dname",
                "CN=FedTiny federation", "-ext", "SAN=" + alternatives, "-storetype", "PKCS12", "-keystore", fresh.toString(),
                "-storepass:file", password.toString()).redirectErrorStream(true).start();
        try {
            keytool.getOutputStream().close();
            // What it says fits the pipe; read before it has ended, it could be waited for without an end.
            boolean ended = keytool.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS);
            if (!ended || keytool.exitValue() != 0) {
                throw new IOException("keytool could not make a key for " + names + ": " + (ended
                        ? new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip()
                        : "it did not end within " + KEYTOOL_SECONDS + " s"));
            }
            if (fresh.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
            }
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(fresh, store, StandardCopyOption.ATOMIC_MOVE);
            AtomicFile.syncFolder(store.toAbsolutePath().getParent());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool made a key", e);
        } finally {
            keytool.destroyForcibly();
            Files.deleteIfExists(fresh);
        }
    }

    private static boolean isAddress(String name) {
        return name.indexOf(':') >= 0 || name.matches("[0-9]+(\\.[0-9]+){3}");
    }
}

package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fedtiny.data.Samples;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.Fingerprint;
import dev.fedtiny.network.device.FederatedDevice;
import dev.fedtiny.network.device.OpaqueDevice;
import dev.fedtiny.network.device.RefusedException;
import dev.fedtiny.network.device.Trust;
import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device speaks to its own server and to no other: another certificate, one for another host, and one that is too old are refused. */
class TrustTest {
    @TempDir
    Path folder;

    private Path pem(ServerTls tls, String name) throws Exception {
        return Files.writeString(folder.resolve(name), "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(tls.certificate().getEncoded()) + "\n-----END CERTIFICATE-----\n");
    }

    private Throwable join(URI server, Trust trust) throws Exception {
        try (OpaqueDevice device = new OpaqueDevice(server, trust, DeviceKey.generate(), Optional.empty(), folder, 1,
                TestServer.PATIENCE,
                () -> { })) {
            return device.await(TestServer.PATIENCE);
        }
    }

    private static void refused(Throwable end, String reason) {
        assertInstanceOf(RefusedException.class, end);
        assertTrue(end.getMessage().contains("not the one this device trusts") && end.getMessage().contains(reason), end.getMessage());
    }

    @Test
    void certificatesOfOthersAreRefused() throws Exception {
        Path authority = pem(TestServer.tls(), "ca.pem");
        try (TestServer server = new TestServer(folder)) {
            refused(join(server.uri(), new Trust.Usual()), "path building failed");
            refused(join(server.uri(), new Trust.Pinned(new Fingerprint("00".repeat(32)))), "expected is 00:00");
            Throwable known = join(server.uri(), new Trust.Authorities(authority));
            assertTrue(known instanceof RefusedException && known.getMessage().contains("never enrolled"), String.valueOf(known));
            Throwable pinned = join(URI.create("https://127.0.0.1:" + server.port()), TestServer.trust());
            assertTrue(pinned instanceof RefusedException && pinned.getMessage().contains("never enrolled"), String.valueOf(pinned));
        }
        ServerTls elsewhere = SelfSigned.openOrCreate(folder, List.of("elsewhere.example"));
        try (FederationServer server = server(elsewhere)) {
            refused(join(URI.create("https://localhost:" + server.address().getPort()), new Trust.Authorities(pem(elsewhere, "other.pem"))),
                    "localhost");
        }
        assertThrows(IllegalArgumentException.class, () -> join(URI.create("http://localhost:1"), TestServer.trust()));
        assertThrows(IllegalArgumentException.class, () -> join(URI.create("https://localhost:1"),
                new Trust.Authorities(Files.writeString(folder.resolve("empty.pem"), "-"))));
    }

    @Test
    void aCertificateThatHasExpiredIsRefusedAlsoWhereItIsPinned() throws Exception {
        Path store = folder.resolve("old.p12");
        Path password = Files.writeString(folder.resolve("password"), "changeit\n");
        keytool(List.of("-genkeypair", "-alias", "old", "-keyalg", "EC", "-startdate", "-30d", "-validity", "10", "-dname", "CN=old",
                "-ext",
                "SAN=dns:localhost", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass:file", password.toString()));
        ServerTls tls = ServerTls.of(store, SelfSigned.password(password), Optional.empty(), new char[0]);
        try (FederationServer server = server(tls)) {
            refused(join(URI.create("https://localhost:" + server.address().getPort()), new Trust.Pinned(tls.fingerprint())), "NotAfter");
        }
        assertThrows(IllegalArgumentException.class, () -> ServerTls.of(store, "wrong".toCharArray(), Optional.empty(), new char[0]));
    }

    /** A board whose clock begins in the past waits until it is told the time, as for a line that is down. */
    @Test
    void aCertificateOfTheFutureIsWaitedFor() throws Exception {
        Path store = folder.resolve("new.p12");
        Path password = Files.writeString(folder.resolve("password"), "changeit\n");
        keytool(List.of("-genkeypair", "-alias", "new", "-keyalg", "EC", "-startdate", "+30d", "-validity", "10", "-dname", "CN=new",
                "-ext", "SAN=dns:localhost", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass:file",
                password.toString()));
        ServerTls tls = ServerTls.of(store, SelfSigned.password(password), Optional.empty(), new char[0]);
        try (FederationServer server = server(tls)) {
            URI address = URI.create("https://localhost:" + server.address().getPort());
            try (OpaqueDevice device = new OpaqueDevice(address, new Trust.Pinned(tls.fingerprint()), DeviceKey.generate(),
                    Optional.empty(), folder, 1, Duration.ZERO, () -> { })) {
                Throwable end = device.await(TestServer.PATIENCE);
                assertFalse(end instanceof RefusedException, String.valueOf(end));
                assertTrue(end.getMessage().contains("is not valid yet by this device's clock"), String.valueOf(end));
            }
        }
    }

    @Test
    void whereTheOperatorHasAnAuthorityStrangersDoNotEvenReachTheServer() throws Exception {
        Path keys = Files.createDirectory(folder.resolve("keys"));
        Files.writeString(keys.resolve(".server.p12.tmp"), "half a store, of a server that was killed while it made one");
        ServerTls own = SelfSigned.openOrCreate(keys, List.of("localhost"));
        assertEquals(own.fingerprint(), SelfSigned.openOrCreate(keys, List.of("ignored.example")).fingerprint());
        if (keys.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.resolve("server.p12"))));
        }
        // The server's own certificate stands for the authority: what counts is that a stranger has none of it.
        ServerTls mutual = ServerTls.of(keys.resolve("server.p12"), SelfSigned.password(keys.resolve("server.password")),
                Optional.of(keys.resolve("server.p12")), SelfSigned.password(keys.resolve("server.password")));
        assertTrue(mutual.mutual() && !own.mutual());
        try (FederationServer server = server(mutual); OpaqueDevice stranger = new OpaqueDevice(
                URI.create("https://localhost:" + server.address().getPort()), new Trust.Pinned(mutual.fingerprint()), DeviceKey.generate(),
                Optional.empty(), folder, 1, Duration.ofMillis(1), () -> { })) {
            Throwable end = stranger.await(TestServer.PATIENCE);
            assertTrue(end instanceof IOException && !(end instanceof RefusedException), String.valueOf(end));
            assertEquals(List.of(), server.gate().all());
        }
    }

    @Test
    void aDeviceThatShowsACertificateOfTheOperatorsAuthorityIsLetIn() throws Exception {
        Path password = Files.writeString(folder.resolve("password"), "changeit\n");
        Path authority = pair("authority", "CN=authority", password, "-ext", "bc:c");
        Path authorityPem = folder.resolve("authority.pem");
        keytool(List.of("-exportcert", "-rfc", "-alias", "authority", "-keystore", authority.toString(), "-storepass:file",
                password.toString(), "-file", authorityPem.toString()));
        Path device = signed("device", "CN=device", List.of(), authority, authorityPem, password);
        Path serverStore = signed("server", "CN=server", List.of("-ext", "SAN=dns:localhost"), authority, authorityPem, password);
        Path vouching = folder.resolve("vouching.p12");
        keytool(List.of("-importcert", "-noprompt", "-alias", "authority", "-file", authorityPem.toString(), "-storetype", "PKCS12",
                "-keystore", vouching.toString(), "-storepass:file", password.toString()));
        char[] secret = SelfSigned.password(password);
        ServerTls mutual = ServerTls.of(serverStore, secret, Optional.of(vouching), secret);
        try (FederationServer server = server(mutual)) {
            URI uri = URI.create("https://localhost:" + server.address().getPort());
            DeviceToken token = TokenFile.read(EnrolmentTokens.make(folder.resolve("f"), folder.resolve("tokens"), 1,
                    Duration.ofHours(1)).getFirst());
            try (FederatedDevice joined = FederatedDevice.join(uri, Optional.of(token)).trust(authorityPem).identity(device, secret)
                    .data(() -> Samples.of(new float[1][2], new int[1])).folder(folder).open()) {
                Thread running = Thread.ofPlatform().daemon().start(() -> {
                    try {
                        joined.run();
                    } catch (IOException e) {
                        // The test has ended it.
                    }
                });
                long deadline = System.nanoTime() + TestServer.PATIENCE.toNanos();
                while (server.gate().all().isEmpty()) {
                    assertTrue(running.isAlive() && System.nanoTime() < deadline, "the device was not let in");
                    Thread.sleep(10);
                }
            }
        }
    }

    /** A key and a certificate that it signs itself. */
    private Path pair(String name, String subject, Path password, String... more) throws Exception {
        Path store = folder.resolve(name + ".p12");
        List<String> words = new ArrayList<>(List.of("-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", subject, "-storetype",
                "PKCS12", "-keystore", store.toString(), "-storepass:file", password.toString()));
        words.addAll(List.of(more));
        keytool(words);
        return store;
    }

    /** A key whose certificate an authority signs. */
    private Path signed(String name, String subject, List<String> extensions, Path authority, Path authorityPem, Path password)
            throws Exception {
        Path store = pair(name, subject, password);
        Path request = folder.resolve(name + ".csr");
        Path certificate = folder.resolve(name + ".pem");
        keytool(List.of("-certreq", "-alias", name, "-keystore", store.toString(), "-storepass:file", password.toString(), "-file",
                request.toString()));
        List<String> words = new ArrayList<>(List.of("-gencert", "-rfc", "-alias", "authority", "-keystore", authority.toString(),
                "-storepass:file", password.toString(), "-infile", request.toString(), "-outfile", certificate.toString()));
        words.addAll(extensions);
        keytool(words);
        keytool(List.of("-importcert", "-noprompt", "-alias", "authority", "-file", authorityPem.toString(), "-keystore",
                store.toString(), "-storepass:file", password.toString()));
        keytool(List.of("-importcert", "-alias", name, "-file", certificate.toString(), "-keystore", store.toString(),
                "-storepass:file", password.toString()));
        return store;
    }

    @Test
    void aServerAtAnAddressOfTheSixthVersionIsReached() throws Exception {
        InetAddress loopback = InetAddress.getByName("[::1]");
        try (ServerSocket socket = new ServerSocket(0, 1, loopback)) {
            assertTrue(socket.isBound());
        } catch (IOException e) {
            assumeTrue(false, "this machine has no address of version 6: " + e.getMessage());
        }
        ServerTls tls = SelfSigned.openOrCreate(folder, List.of("::1"));
        try (FederationServer server = new FederationServer(new FederationServer.Rules(folder.resolve("f"), folder.resolve("r"),
                new InetSocketAddress(loopback, 0), tls, TestServer.LIMITS, "test", new byte[0], (_, _, _, _) -> Optional.empty()))) {
            Throwable end = join(URI.create("https://[::1]:" + server.address().getPort()), new Trust.Authorities(pem(tls, "six.pem")));
            assertTrue(end instanceof RefusedException && end.getMessage().contains("never enrolled"), String.valueOf(end));
        }
    }

    private FederationServer server(ServerTls tls) throws IOException {
        return new FederationServer(new FederationServer.Rules(folder.resolve("f"), folder.resolve("r"),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                tls, TestServer.LIMITS, "test", new byte[0], (number, platform, samples, shape) -> Optional.empty()));
    }

    private static void keytool(List<String> words) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(words);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }
}

package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.Fingerprint;
import dev.fedtiny.network.device.OpaqueDevice;
import dev.fedtiny.network.device.RefusedException;
import dev.fedtiny.network.device.Trust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

    @Test
    void whereTheOperatorHasAnAuthorityStrangersDoNotEvenReachTheServer() throws Exception {
        Path keys = Files.createDirectory(folder.resolve("keys"));
        ServerTls own = SelfSigned.openOrCreate(keys, List.of("localhost"));
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

package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.protocol.DeviceToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person may get wrong who starts a device by hand, and what becomes of its secret. */
class DeviceCommandTest extends CommandCall {
    @TempDir
    private Path folder;

    @Test
    void aTokenFileIsItsOwnersAlone() throws Exception {
        Path file = folder.resolve("device.token");
        Path others = Files.writeString(folder.resolve("others"), "not ours");
        Files.createSymbolicLink(file, others);
        DeviceToken token = DeviceToken.random();
        TokenFile.write(file, token);
        assertEquals("not ours", Files.readString(others));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertTrue(TokenFile.read(file).matches(token));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        String message = assertThrows(IllegalArgumentException.class, () -> TokenFile.read(file)).getMessage();
        assertTrue(message.contains("rw-r-----") && message.contains("chmod 600") && !message.contains(token.hex()), message);
    }

    @Test
    void addressesOfOtherMachinesAndMissingOrBrokenTokensAreNamed() throws Exception {
        assertEquals(USAGE, run("device", "--connect", "192.0.2.1:7", "--device", "0", "--token-file", "t"));
        assertTrue(err.contains("loopback") && err.contains("unencrypted"), err);
        assertEquals(USAGE, run("device", "--connect", "127.0.0.1:7", "--device", "0"));
        assertTrue(err.contains("--token-file"), err);
        Path file = folder.resolve("broken");
        TokenFile.write(file, DeviceToken.random());
        Files.writeString(file, "0123456789abcdef");
        int code = run("device", "--connect", "127.0.0.1:7", "--device", "0", "--token-file", file.toString());
        assertFalse(code == OK);
        assertTrue(err.contains("64 hexadecimal digits") && err.contains(file.toString()), err);
        assertFalse(err.contains("0123456789abcdef"), err);
    }
}

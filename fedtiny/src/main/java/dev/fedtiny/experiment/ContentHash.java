package dev.fedtiny.experiment;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Sha256;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** SHA-256 of a file that a setting names and whose content decides about a run: a run that goes on compares it. */
final class ContentHash {
    private static final int BUFFER_BYTES = 1 << 16;

    private ContentHash() {
    }

    /**
     * Reads the file to its end.
     *
     * @return 64 hexadecimal digits
     * @throws DataException naming the setting, if it cannot be read
     */
    static String of(SettingSpec<?> setting, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = Sha256.begin();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return Sha256.text(digest);
        } catch (IOException e) {
            throw unreadable(setting, file, e);
        }
    }

    static DataException unreadable(SettingSpec<?> setting, Path file, IOException e) {
        return new DataException(setting.key() + " = " + file + " cannot be read: " + IoProblem.describe("", e), e);
    }
}

package dev.fedtiny.data;

import dev.fedtiny.engine.io.IoProblem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * How a file compares with the published one of its name.
 *
 * @param file as published
 * @param verdict what was found
 * @param bytes of what is there; 0 when nothing is
 */
public record FileCheck(PublishedFile file, Verdict verdict, long bytes) {
    /** What was found. */
    public enum Verdict {
        /** No such file. */
        MISSING,
        /** Only its packed twin, {@code .gz}. */
        PACKED,
        /** Size and, where one is published, checksum agree. */
        AS_PUBLISHED,
        /** Another size: a part, or packed anew. */
        OTHER_SIZE,
        /** The right size and another checksum. */
        WRONG_CHECKSUM
    }

    /**
     * Compares a directory's file; reads it whole where a checksum is published.
     *
     * @throws DataException if it cannot be read
     */
    public static FileCheck of(PublishedFile file, Path directory) {
        Path path = directory.resolve(file.name());
        Path twin = directory.resolve(file.name() + ".gz");
        try {
            if (!Files.isRegularFile(path)) {
                return Files.isRegularFile(twin) ? new FileCheck(file, Verdict.PACKED, Files.size(twin))
                        : new FileCheck(file, Verdict.MISSING, 0);
            }
            long bytes = Files.size(path);
            if (bytes != file.bytes()) {
                return new FileCheck(file, Verdict.OTHER_SIZE, bytes);
            }
            boolean agrees = file.md5().isEmpty() || file.md5().get().equals(md5(path));
            return new FileCheck(file, agrees ? Verdict.AS_PUBLISHED : Verdict.WRONG_CHECKSUM, bytes);
        } catch (IOException e) {
            throw new DataException(path + ": cannot be read: " + IoProblem.explain(e), e);
        }
    }

    private static String md5(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }
}

package dev.fedtiny.data;

import dev.fedtiny.engine.io.IoProblem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a file compares with the published one of its name.
 *
 * @param file as published
 * @param verdict what was found
 * @param bytes of what is there; 0 when nothing is
 */
public record FileCheck(PublishedFile file, Verdict verdict, long bytes) {
    private static final String PACKED = ".gz";

    /** What was found. */
    public enum Verdict {
        /** No such file. */
        MISSING,
        /** Only its packed twin, {@code .gz}. */
        PACKED,
        /** Only what comes out of it when it is unpacked. */
        UNPACKED,
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
     * @param file as published
     * @param directory where it should be
     * @return what was found there
     * @throws DataException if it cannot be read
     */
    public static FileCheck of(PublishedFile file, Path directory) {
        Listing listing = Listing.of(directory);
        String name = file.name();
        Optional<Path> here = listing.file(name);
        try {
            if (here.isEmpty()) {
                Optional<Path> packed = listing.file(name + PACKED);
                Optional<Path> unpacked = Stream.of(name, name.replace("-idx", ".idx")).filter(one -> one.endsWith(PACKED))
                        .flatMap(one -> listing.file(one.substring(0, one.length() - PACKED.length())).stream()).findFirst();
                return packed.isPresent() ? new FileCheck(file, Verdict.PACKED, Files.size(packed.get()))
                        : unpacked.isPresent() ? new FileCheck(file, Verdict.UNPACKED, Files.size(unpacked.get()))
                        : new FileCheck(file, Verdict.MISSING, 0);
            }
            long bytes = Files.size(here.get());
            if (bytes != file.bytes()) {
                return new FileCheck(file, Verdict.OTHER_SIZE, bytes);
            }
            boolean agrees = file.md5().isEmpty() || file.md5().get().equals(md5(here.get()));
            return new FileCheck(file, agrees ? Verdict.AS_PUBLISHED : Verdict.WRONG_CHECKSUM, bytes);
        } catch (IOException e) {
            throw new DataException(directory.resolve(name) + ": cannot be read: " + IoProblem.explain(e), e);
        }
    }

    private static String md5(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return DataFile.md5(in);
        }
    }
}

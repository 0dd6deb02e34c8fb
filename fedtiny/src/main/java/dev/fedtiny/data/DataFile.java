package dev.fedtiny.data;

import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.io.IoProblem;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipException;

/**
 * One input file, gzip-compressed when its content says so, whatever its name, that turns every failure into a {@link DataException} with
 * its name; what is no file of the kind at all is named by its first bytes.
 *
 * @param name for messages
 * @param source gives the bytes as stored
 */
record DataFile(String name, Source source) {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final String PACKED = ".gz";
    /** Raw pixels may begin as these do, which have no mark of their own. */
    private static final FileSignature[] UNSURE = {FileSignature.ONNX, FileSignature.TENSORFLOW, FileSignature.TENSORFLOW_LITE,
        FileSignature.TIFF, FileSignature.UTF16, FileSignature.MATLAB, FileSignature.PNG};

    /** Opens the stored bytes. */
    interface Source {
        InputStream open() throws IOException;

        /** How many there are; negative where that is not known. */
        default long bytes() throws IOException {
            return -1;
        }
    }

    /** Reads the unpacked bytes. */
    interface Reading<T> {
        T from(InputStream in) throws IOException;
    }

    static DataFile of(Path path) {
        return new DataFile(path.toString(), new Source() {
            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(path);
            }

            @Override
            public long bytes() throws IOException {
                return Files.size(path);
            }
        });
    }

    /** A file embedded in this module, named relative to this package. */
    static DataFile resource(String resource) {
        return new DataFile("embedded " + resource, () -> {
            InputStream in = DataFile.class.getResourceAsStream(resource);
            if (in == null) {
                throw new NoSuchFileException(resource);
            }
            return in;
        });
    }

    /** Opens, reads and closes the file. */
    <T> T read(Reading<T> reading) {
        return read(reading, UNSURE);
    }

    /** As {@link #read}, of a kind of file that has a mark: why one with that mark cannot be read, the mark does not explain. */
    <T> T read(FileSignature own, Reading<T> reading) {
        FileSignature[] unsaid = Arrays.copyOf(UNSURE, UNSURE.length + 1);
        unsaid[UNSURE.length] = own;
        return read(reading, unsaid);
    }

    private <T> T read(Reading<T> reading, FileSignature[] unsaid) {
        try (InputStream stored = source.open(); InputStream first = new BufferedInputStream(stored, BUFFER_BYTES);
                InputStream in = isPacked(first) ? new GzipInput(first) : first;
                InputStream buffered = new BufferedInputStream(in, BUFFER_BYTES)) {
            return read(reading, buffered, unsaid);
        } catch (EOFException e) {
            throw new DataException(name + ": the gzip data end early, expected a complete gzip file" + size()
                    + "; fetch or pack it again", e);
        } catch (ZipException e) {
            throw new DataException(name + ": not valid gzip data (" + e.getMessage() + ")" + strange().map(what -> "; " + what)
                    .orElse("; fetch or pack it again, or, if it is not packed at all, take '" + PACKED + "' off its name"), e);
        } catch (NoSuchFileException e) {
            throw new DataException(name + ": there is no such file", e);
        } catch (IOException e) {
            throw new DataException(name + ": cannot be read: " + IoProblem.explain(e), e);
        }
    }

    private <T> T read(Reading<T> reading, InputStream in, FileSignature[] unsaid) throws IOException {
        byte[] head = head(in, FileSignature.HEAD_BYTES);
        try {
            return reading.from(in);
        } catch (DataException e) {
            String more = FileSignature.describe(head, unsaid).map(what -> "; " + what).orElseGet(this::size);
            if (more.isEmpty()) {
                throw e;
            }
            throw new DataException((e.getMessage().contains(name) ? "" : name + ": ") + e.getMessage() + more, e);
        }
    }

    /** By content; a name alone says so too, and then the content has to be. */
    private boolean isPacked(InputStream first) throws IOException {
        return name.endsWith(PACKED) || GzipInput.isGzip(head(first, 2));
    }

    /** The first bytes, which stay to be read. */
    private static byte[] head(InputStream in, int bytes) throws IOException {
        in.mark(bytes + 1);
        byte[] head = in.readNBytes(bytes);
        in.reset();
        return head;
    }

    private Optional<String> strange() {
        try (InputStream in = source.open()) {
            return FileSignature.describe(in.readNBytes(FileSignature.HEAD_BYTES), FileSignature.GZIP, FileSignature.ONNX);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The size beside those that are published under this name, where there are any and none is the same. */
    private String size() {
        String published = PublishedSet.sizes(name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1));
        try {
            long bytes = source.bytes();
            return bytes < 0 || published.isEmpty() || published.contains(bytes + " (") ? "" : "; the file has " + bytes
                    + " bytes, as published " + published;
        } catch (IOException e) {
            return "";
        }
    }

    /** MD5 in lower-case hexadecimal of the stored bytes and of the unpacked ones; one sum where it is not packed. */
    Set<String> md5Sums() {
        try (InputStream stored = source.open()) {
            String first = md5(stored);
            String second = read(DataFile::md5);
            return first.equals(second) ? Set.of(first) : Set.of(first, second);
        } catch (IOException e) {
            throw new DataException(name + ": cannot be read: " + IoProblem.explain(e), e);
        }
    }

    static String md5(InputStream in) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }
}

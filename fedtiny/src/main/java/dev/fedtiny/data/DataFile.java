package dev.fedtiny.data;

import dev.fedtiny.engine.io.IoProblem;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.ZipException;

/**
 * One input file, gzip-compressed when its name ends in {@code .gz}, that turns every failure into a {@link DataException} with its name.
 *
 * @param name for messages
 * @param source gives the bytes as stored
 */
record DataFile(String name, Source source) {
    private static final int BUFFER_BYTES = 1 << 16;

    /** Opens the stored bytes. */
    interface Source {
        InputStream open() throws IOException;
    }

    /** Reads the unpacked bytes. */
    interface Reading<T> {
        T from(InputStream in) throws IOException;
    }

    static DataFile of(Path path) {
        return new DataFile(path.toString(), () -> Files.newInputStream(path));
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
        try (InputStream stored = source.open();
                InputStream in = name.endsWith(".gz") ? new GzipInput(stored) : stored;
                InputStream buffered = new BufferedInputStream(in, BUFFER_BYTES)) {
            return reading.from(buffered);
        } catch (EOFException e) {
            throw new DataException(name + ": the gzip data end early, expected a complete gzip file; fetch or pack it again", e);
        } catch (ZipException e) {
            throw new DataException(name + ": not valid gzip data (" + e.getMessage() + "); fetch or pack it again", e);
        } catch (NoSuchFileException e) {
            throw new DataException(name + ": there is no such file", e);
        } catch (IOException e) {
            throw new DataException(name + ": cannot be read: " + IoProblem.explain(e), e);
        }
    }
}

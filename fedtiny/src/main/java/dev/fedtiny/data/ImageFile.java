package dev.fedtiny.data;

import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.io.IoProblem;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A data set as one file whose pixels are mapped, not read: what a device process trains on without an image on its heap. Big-endian:
 * magic (4), length of the description (4), the description (what the images are, and one label byte an image), its CRC32C (4), then the
 * images one after the other, channels × height × width bytes each. Pages of the file that were touched count in the process's resident
 * size ({@code RssFile} of Linux), but belong to the operating system, which drops them when it needs the memory.
 */
public final class ImageFile {
    private static final int MAGIC = 'F' << 24 | 'D' << 16 | 'I' << 8 | '1';
    private static final int MAXIMUM_DESCRIPTION_BYTES = 1 << 26;

    private ImageFile() {
    }

    /**
     * Writes a data set. The file must not exist; whatever fails leaves none.
     *
     * @param dataset what is written
     * @param file where; its folder must exist
     * @throws java.nio.file.FileAlreadyExistsException if there is something of that name, be it a link
     * @throws FileWriteException if it cannot be written
     */
    public static void write(Dataset dataset, Path file) throws IOException {
        byte[] description = description(dataset);
        CRC32C crc = new CRC32C();
        crc.update(description);
        OutputStream raw = created(file);
        try (raw; DataOutputStream out = new DataOutputStream(new BufferedOutputStream(raw, 1 << 16))) {
            out.writeInt(MAGIC);
            out.writeInt(description.length);
            out.write(description);
            out.writeInt((int) crc.getValue());
            byte[] scratch = new byte[dataset.imageBytes()];
            for (int i = 0; i < dataset.count(); i++) {
                out.write(dataset.pixels(i, scratch), 0, scratch.length);
            }
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw new FileWriteException(file, e);
        } catch (RuntimeException | Error e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static OutputStream created(Path file) throws IOException {
        try {
            return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
    }

    private static byte[] description(Dataset dataset) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(dataset.kind().name());
        out.writeInt(dataset.channels());
        out.writeInt(dataset.height());
        out.writeInt(dataset.width());
        out.writeInt(dataset.classes());
        out.writeInt(dataset.classNames().size());
        for (String name : dataset.classNames()) {
            out.writeUTF(name);
        }
        Normalization normalization = dataset.normalization();
        out.writeUTF(normalization.name());
        out.writeInt(normalization.channels());
        for (int c = 0; c < normalization.channels(); c++) {
            out.writeDouble(normalization.mean().get(c));
            out.writeDouble(normalization.standardDeviation().get(c));
        }
        out.writeInt(dataset.count());
        for (int i = 0; i < dataset.count(); i++) {
            out.writeByte(dataset.label(i));
        }
        return bytes.toByteArray();
    }

    /**
     * Maps the bytes of such a file from a file without a name: they are then no longer on the heap.
     *
     * @param bytes of a file that {@link #write} wrote
     * @param folder where the file is made, and removed as soon as it is mapped
     * @return the images
     * @throws UncheckedIOException if the folder cannot be written
     * @throws DataException as {@link #map(Path)}
     */
    public static Dataset map(byte[] bytes, Path folder) {
        try {
            Path file = Files.createTempFile(folder, "fedtiny", ".images");
            try {
                Files.write(file, bytes);
                return map(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("images that were sent cannot be put into a temporary file", e);
        }
    }

    /**
     * Maps a file; it must not change or shrink while the data set is in use.
     *
     * @param file written by {@link #write}
     * @return the data set; its pixels are read from the mapped file when they are used
     * @throws DataException if it is missing, cut off, damaged in its description, or no such file
     */
    public static Dataset map(Path file) {
        return map(file, Arena.ofAuto());
    }

    /**
     * The same for as long as an arena is open: a process that maps one file after the other lets go of each at once.
     *
     * @param file written by {@link #write}
     * @param arena that the mapping ends with; the data set must not be used then
     * @return the data set
     * @throws DataException as {@link #map(Path)}
     */
    public static Dataset map(Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer head = read(channel, file, 0, 8);
            if (head.getInt() != MAGIC) {
                throw new DataException(file + ": not an image file of this program"
                        + FileSignature.describe(file).map(what -> "; " + what).orElse(" (wrong magic number)"));
            }
            int length = head.getInt();
            if (length < 0 || length > MAXIMUM_DESCRIPTION_BYTES) {
                throw new DataException(file + ": its description has " + length + " bytes, expected 0 to " + MAXIMUM_DESCRIPTION_BYTES);
            }
            ByteBuffer rest = read(channel, file, 8, length + 4);
            byte[] description = Arrays.copyOf(rest.array(), length);
            CRC32C crc = new CRC32C();
            crc.update(description);
            if (rest.getInt(length) != (int) crc.getValue()) {
                throw new DataException(file + ": its description is damaged (wrong checksum); let the server write it again");
            }
            return mapped(channel, file, 12L + length, new DataInputStream(new ByteArrayInputStream(description)), arena);
        } catch (NoSuchFileException e) {
            throw new DataException(file + ": there is no such file", e);
        } catch (EOFException | UTFDataFormatException e) {
            throw new DataException(file + ": its description is damaged", e);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + IoProblem.explain(e), e);
        }
    }

    private static ByteBuffer read(FileChannel channel, Path file, long from, int count) throws IOException {
        if (channel.size() < from + count) {
            throw new DataException(file + ": has " + channel.size() + " bytes, expected at least " + (from + count) + "; it is cut off");
        }
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
            continue;
        }
        return buffer.flip();
    }

    private static Dataset mapped(FileChannel channel, Path file, long start, DataInputStream in, Arena arena) throws IOException {
        String kindName = in.readUTF();
        DatasetKind kind = Arrays.stream(DatasetKind.values()).filter(k -> k.name().equals(kindName)).findFirst()
                .orElseThrow(() -> new DataException(file + ": kind '" + kindName + "' of images is not known to this release"));
        int channels = in.readInt();
        int height = in.readInt();
        int width = in.readInt();
        int classes = in.readInt();
        int names = in.readInt();
        List<String> classNames = new ArrayList<>();
        for (int i = 0; i < names; i++) {
            classNames.add(in.readUTF());
        }
        String normalizationName = in.readUTF();
        int figures = in.readInt();
        List<Double> mean = new ArrayList<>();
        List<Double> deviation = new ArrayList<>();
        for (int c = 0; c < figures; c++) {
            mean.add(in.readDouble());
            deviation.add(in.readDouble());
        }
        int count = in.readInt();
        if (count < 1 || count > in.available() || !DatasetDescription.isImageSize(channels, height, width)) {
            throw new DataException(file + ": " + count + " images of " + channels + "×" + height + "×" + width + " cannot be in it");
        }
        byte[] labels = in.readNBytes(count);
        for (int i = 0; i < count; i++) {
            if ((labels[i] & 0xff) >= classes) {
                throw new DataException(file + ": image " + i + " has label " + (labels[i] & 0xff) + ", expected 0 to " + (classes - 1));
            }
        }
        int imageBytes = channels * height * width;
        if (channel.size() != start + (long) count * imageBytes) {
            throw new DataException(file + ": has " + channel.size() + " bytes, expected " + (start + (long) count * imageBytes) + " for "
                    + count + " images; it is cut off or damaged");
        }
        MemorySegment segment = channel.map(MapMode.READ_ONLY, start, (long) count * imageBytes, arena);
        int[] positions = new int[count];
        Arrays.setAll(positions, i -> i);
        return Dataset.ofPixels(new DatasetDescription(kind, channels, height, width, classes, classNames,
                new Normalization(normalizationName, mean, deviation)), new Pixels.Mapped(segment, imageBytes, positions), labels);
    }
}

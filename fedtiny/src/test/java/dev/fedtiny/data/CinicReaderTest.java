package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JDK's own PNG writer makes the images, and its colours are what ours must be. */
class CinicReaderTest {
    @TempDir
    private Path directory;

    private final Random random = new Random(3);

    private static byte[] png(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, "png", out));
        return out.toByteArray();
    }

    private BufferedImage noise(BufferedImage image) {
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int smooth = 4 * x + 2 * y + random.nextInt(20);
                image.setRGB(x, y, 0xff000000 | smooth << 16 | random.nextInt(256) << 8 | (255 - smooth & 255));
            }
        }
        return image;
    }

    private byte[] decode(byte[] png) throws IOException {
        byte[] pixels = new byte[3072];
        new PngReader().read(DataFile.of(Files.write(directory.resolve("one.png"), png)), pixels);
        return pixels;
    }

    private void assertRefused(byte[] png, String... parts) {
        assertDataException(() -> decode(png), parts);
    }

    @Test
    void decodesColoursAsTheJdkDoes() throws IOException {
        byte[] ramp = new byte[16];
        for (int i = 0; i < 16; i++) {
            ramp[i] = (byte) (i * 17);
        }
        byte[] turned = ramp.clone();
        turned[3] = 99;
        BufferedImage[] images = {new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB),
            new BufferedImage(32, 32, BufferedImage.TYPE_INT_ARGB), new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_INDEXED),
            new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_BINARY),
            new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_BINARY, new IndexColorModel(4, 16, ramp, turned, ramp)),
            new BufferedImage(32, 32, BufferedImage.TYPE_3BYTE_BGR)};
        for (BufferedImage image : images) {
            byte[] pixels = decode(png(noise(image)));
            for (int at = 0; at < 1024; at++) {
                int rgb = image.getRGB(at % 32, at / 32);
                assertEquals((byte) (rgb >> 16), pixels[at]);
                assertEquals((byte) (rgb >> 8), pixels[1024 + at]);
                assertEquals((byte) rgb, pixels[2048 + at]);
            }
        }
    }

    @Test
    void greyImagesGetThreeEqualPlanes() throws IOException {
        BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_GRAY);
        for (int at = 0; at < 1024; at++) {
            image.getRaster().setSample(at % 32, at / 32, 0, at * 5 & 255);
        }
        byte[] pixels = decode(png(image));
        for (int at = 0; at < 3072; at++) {
            assertEquals((byte) (at % 1024 * 5), pixels[at]);
        }
    }

    /** The JDK writes them too; ours must be what its reader makes of them. */
    @Test
    void readsInterlacedImages() throws IOException {
        for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_BYTE_BINARY,
            BufferedImage.TYPE_BYTE_INDEXED}) {
            BufferedImage image = noise(new BufferedImage(32, 32, type));
            ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
            ImageWriteParam how = writer.getDefaultWriteParam();
            how.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (ImageOutputStream target = ImageIO.createImageOutputStream(out)) {
                writer.setOutput(target);
                writer.write(null, new IIOImage(image, null, null), how);
            }
            byte[] png = out.toByteArray();
            assertEquals(1, png[28], "it is interlaced");
            byte[] pixels = decode(png);
            for (int at = 0; at < 1024; at++) {
                int rgb = image.getRGB(at % 32, at / 32);
                assertEquals((byte) (rgb >> 16), pixels[at]);
                assertEquals((byte) (rgb >> 8), pixels[1024 + at]);
                assertEquals((byte) rgb, pixels[2048 + at]);
            }
        }
    }

    @Test
    void takesTheUpperHalfOfSixteenBits() throws IOException {
        for (int samples : new int[] {1, 2, 3, 4}) {
            ByteBuffer rows = ByteBuffer.allocate(32 * (1 + 64 * samples));
            byte[] expected = new byte[3072];
            for (int y = 0; y < 32; y++) {
                rows.put((byte) 0);
                for (int x = 0; x < 32; x++) {
                    for (int c = 0; c < samples; c++) {
                        int value = random.nextInt(1 << 16);
                        rows.putShort((short) value);
                        if (samples >= 3 && c < 3 || c == 0) {
                            for (int plane = samples >= 3 ? c : 0; plane < (samples >= 3 ? c + 1 : 3); plane++) {
                                expected[plane * 1024 + y * 32 + x] = (byte) (value >> 8);
                            }
                        }
                    }
                }
            }
            int[] colours = {0, 4, 2, 6};
            assertArrayEquals(expected, decode(file(header(32, 32, 16, colours[samples - 1]),
                    chunk("IDAT", MatFiles.deflate(rows.array())))), samples + " samples");
        }
    }

    /** Every filter in one image, predicted by hand: the JDK's writer need not use all of them. */
    @Test
    void undoesEveryFilter() throws IOException {
        byte[] grey = new byte[1024];
        random.nextBytes(grey);
        ByteBuffer rows = ByteBuffer.allocate(32 * 33);
        for (int y = 0; y < 32; y++) {
            int filter = y % 5;
            rows.put((byte) filter);
            for (int x = 0; x < 32; x++) {
                int left = x == 0 ? 0 : grey[y * 32 + x - 1] & 255;
                int up = y == 0 ? 0 : grey[(y - 1) * 32 + x] & 255;
                int corner = x == 0 || y == 0 ? 0 : grey[(y - 1) * 32 + x - 1] & 255;
                int[] byDistance = {left, up, corner};
                int best = left;
                for (int candidate : byDistance) {
                    if (Math.abs(left + up - corner - candidate) < Math.abs(left + up - corner - best)) {
                        best = candidate;
                    }
                }
                int[] prediction = {0, left, up, (left + up) / 2, best};
                rows.put((byte) (grey[y * 32 + x] - prediction[filter]));
            }
        }
        byte[] file = file(header(32, 32, 8, 0), chunk("IDAT", Arrays.copyOf(MatFiles.deflate(rows.array()), 50)),
                chunk("IDAT", tail(MatFiles.deflate(rows.array()), 50)));
        byte[] pixels = decode(file);
        assertEquals(ByteBuffer.wrap(grey), ByteBuffer.wrap(pixels, 0, 1024));
    }

    private static byte[] tail(byte[] bytes, int from) {
        return Arrays.copyOfRange(bytes, from, bytes.length);
    }

    private static byte[] chunk(String type, byte[] data) {
        ByteBuffer chunk = ByteBuffer.allocate(12 + data.length).putInt(data.length)
                .put(type.getBytes(StandardCharsets.ISO_8859_1)).put(data);
        CRC32 crc = new CRC32();
        crc.update(chunk.array(), 4, 4 + data.length);
        return chunk.putInt((int) crc.getValue()).array();
    }

    private static byte[] header(int width, int height, int depth, int colour) {
        return header(width, height, depth, colour, 0);
    }

    private static byte[] header(int width, int height, int depth, int colour, int interlacing) {
        return chunk("IHDR", ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) depth).put((byte) colour)
                .put(12, (byte) interlacing).array());
    }

    private static byte[] file(byte[]... chunks) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(8).putLong(0x89504e470d0a1a0aL).array());
        Arrays.stream(chunks).forEach(out::writeBytes);
        out.writeBytes(chunk("IEND", new byte[0]));
        return out.toByteArray();
    }

    @Test
    void hostileImagesAreRefused() throws IOException {
        byte[] good = png(noise(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB)));
        for (int length = 0; length < good.length; length += 37) {
            assertRefused(Arrays.copyOf(good, length), "one.png");
        }
        byte[] flipped = good.clone();
        flipped[60] ^= 1;
        assertRefused(flipped, "checksum");
        assertRefused(png(new BufferedImage(33, 32, BufferedImage.TYPE_INT_RGB)), "33×32", "expected 32×32");
        assertRefused(file(header(-1, 32, 8, 2)), "4294967295×32");
        assertRefused(file(header(32, 32, 16, 2)), "0 bytes", "expected 6176");
        assertRefused(file(header(32, 32, 16, 3)), "16 bits", "PALETTE");
        assertRefused(file(header(32, 32, 4, 2)), "4 bits", "RGB");
        assertRefused(file(header(32, 32, 8, 2, 2)), "interlacing 2");
        assertRefused(file(header(32, 32, 8, 5)), "colour type 5");
        assertRefused(file(header(32, 32, 8, 0)), "0 bytes", "expected 1056");
        assertRefused(file(header(32, 32, 8, 0), chunk("IDAT", new byte[] {1, 2, 3, 4})), "not valid zlib");
        assertRefused(file(header(32, 32, 8, 0), chunk("IDAT", MatFiles.deflate(new byte[40_000_000]))), "more pixel data");
        byte[] rows = new byte[1056];
        rows[33] = 9;
        assertRefused(file(header(32, 32, 8, 0), chunk("IDAT", MatFiles.deflate(rows))), "filter 9");
        rows[33] = 0;
        rows[1] = 7;
        assertRefused(file(header(32, 32, 8, 3), chunk("PLTE", new byte[6]), chunk("IDAT", MatFiles.deflate(rows))), "colour 7",
                "palette has 2");
        assertRefused(file(header(32, 32, 8, 0), chunk("ABCD", new byte[1])), "ABCD");
        assertRefused(new byte[70_000], "more than 65536");
    }

    private void write(String part, String name, BufferedImage image) throws IOException {
        Path folder = Files.createDirectories(directory.resolve(part).resolve(name.substring(0, name.indexOf('/'))));
        Files.write(folder.resolve(name.substring(name.indexOf('/') + 1)), png(image));
    }

    private void writeAll() throws IOException {
        for (String part : new String[] {"train", "test"}) {
            for (String name : ClassNames.CIFAR10) {
                write(part, name + "/a.png", new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB));
            }
        }
    }

    @Test
    void namesOfClassesMayBeInAnyCase() throws IOException {
        for (String part : List.of("train", "test")) {
            for (String name : ClassNames.CIFAR10) {
                write(part, name.toUpperCase(Locale.ROOT) + "/a.png", new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB));
            }
        }
        assertEquals(10, Datasets.open(directory).train().count());
    }

    @Test
    void foldersAsPeopleHaveThem() throws IOException {
        writeAll();
        Path airplane = directory.resolve("train").resolve("airplane");
        for (String name : new String[] {"._a.png", ".DS_Store", "Thumbs.db", "desktop.ini"}) {
            Files.write(airplane.resolve(name), new byte[] {0, 5, 22, 7});
        }
        Files.createDirectories(directory.resolve("__MACOSX").resolve("train").resolve("airplane"));
        Files.createDirectories(directory.resolve("train").resolve(".thumbnails"));
        assertEquals(List.of(), Datasets.open(directory).notes(), "what systems leave is no loss");
        assertEquals(10, Datasets.open(directory).train().count());
        write("train", "airplane/B.PNG", new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_GRAY));
        Files.createSymbolicLink(airplane.resolve("link.png"), Path.of("a.png"));
        assertEquals(12, Datasets.open(directory).train().count(), "upper case, and a link");
        Files.write(airplane.resolve("c.jpg"), new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff});
        Files.write(airplane.resolve("d.JPG"), new byte[3]);
        Files.createDirectory(airplane.resolve("more"));
        Files.createDirectory(directory.resolve("train").resolve("zebra"));
        TrainTest images = Datasets.open(directory);
        assertEquals(12, images.train().count());
        assertEquals(1, images.notes().size());
        String note = images.notes().getFirst();
        assertTrue(note.contains("2 .jpg files") && note.contains("2 folders") && note.contains(Path.of("airplane", "c.jpg").toString()),
                note);
        Files.write(airplane.resolve("e.png"), new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff, 1});
        assertDataException(() -> Datasets.open(directory), "e.png", "not a PNG image", "JPEG");
        Files.writeString(airplane.resolve("e.png"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n");
        assertDataException(() -> Datasets.open(directory), "e.png", "Git LFS pointer");
        Files.delete(airplane.resolve("e.png"));
        Path parent = Files.createDirectories(directory.resolveSibling(directory.getFileName() + " outer"));
        Files.createSymbolicLink(parent.resolve("CINIC 10"), directory);
        assertEquals(12, Datasets.open(parent).train().count(), "the only set in a folder, through a link with a space");
        Files.delete(parent.resolve("CINIC 10"));
        Files.delete(parent);
    }

    @Test
    void aClassWithoutImagesSaysWhatItHolds() throws IOException {
        writeAll();
        Path truck = directory.resolve("test").resolve("truck");
        Files.move(truck.resolve("a.png"), truck.resolve("a.bmp"));
        assertDataException(() -> Datasets.open(directory), "truck", "no PNG image", "1 .bmp file", "a.bmp");
        Files.delete(truck.resolve("a.bmp"));
        assertDataException(() -> Datasets.open(directory), "truck", "it is empty");
    }

    @Test
    void readsFoldersInOrderAndRefusesIncompleteOnes() throws IOException {
        for (String part : new String[] {"train", "test", "valid"}) {
            for (int label = 0; label < 10; label++) {
                BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
                image.setRGB(0, 0, label + 1);
                write(part, ClassNames.CIFAR10.get(label) + "/b.png", image);
            }
        }
        write("train", "airplane/a.png", new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_GRAY));
        Files.write(directory.resolve("train").resolve("airplane").resolve("notes.txt"), new byte[3]);
        assertInstanceOf(DataSource.Cinic10.class, DataSource.find(directory, Cifar100Labels.FINE));
        TrainTest both = Datasets.open(directory);
        assertEquals(11, both.train().count());
        assertEquals(10, both.test().count());
        assertEquals(DatasetKind.CINIC10, both.train().kind());
        byte[] image = new byte[3072];
        for (int i = 0; i < 11; i++) {
            both.train().copyPixels(i, image);
            assertEquals(Math.max(0, i - 1), both.train().label(i));
            assertEquals(i, image[2048]);
        }
        Files.delete(directory.resolve("test").resolve("truck").resolve("b.png"));
        assertDataException(() -> Datasets.open(directory), "truck", "no PNG image");
        Files.delete(directory.resolve("test").resolve("truck"));
        assertDataException(() -> Datasets.open(directory), "truck", "no such folder");
        Files.write(directory.resolve("test_batch.bin"), new byte[3073]);
        assertDataException(() -> Datasets.open(directory), "several data sets");
    }
}

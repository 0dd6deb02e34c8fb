package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of Tiny ImageNet's layout with three classes, whose images have one colour each. */
class TinyImageNetReaderTest {
    private static final List<String> WNIDS = List.of("n02124075", "n01443537", "n12267677");

    @TempDir
    private Path folder;

    private Path root;

    private static byte[] jpeg(int side, int type, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(side, side, type);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                if (type == BufferedImage.TYPE_BYTE_GRAY) {
                    image.getRaster().setSample(x, y, 0, rgb & 0xff);
                } else {
                    image.setRGB(x, y, rgb);
                }
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, "jpeg", out));
        return out.toByteArray();
    }

    private static int colour(int c, int i) {
        return (40 + 60 * c) << 16 | (200 - 50 * c) << 8 | 10 * i;
    }

    @BeforeEach
    void layOut() throws IOException {
        root = folder.resolve("tiny-imagenet-200");
        StringBuilder annotations = new StringBuilder();
        Path validation = Files.createDirectories(root.resolve("val").resolve("images"));
        Files.createDirectories(root.resolve("test").resolve("images"));
        for (int c = 0; c < WNIDS.size(); c++) {
            String wnid = WNIDS.get(c);
            Path images = Files.createDirectories(root.resolve("train").resolve(wnid).resolve("images"));
            Files.writeString(images.resolveSibling(wnid + "_boxes.txt"), wnid + "_0.JPEG\t0\t0\t62\t62\n");
            for (int i = 0; i < 6; i++) {
                Files.write(images.resolve(wnid + "_" + i + ".JPEG"), jpeg(64, BufferedImage.TYPE_INT_RGB, colour(c, i)));
            }
            String name = "val_" + c + ".JPEG";
            Files.write(validation.resolve(name), jpeg(64, BufferedImage.TYPE_INT_RGB, colour(c, 0)));
            annotations.append(name).append('\t').append(wnid).append("\t0\t32\t44\t62\n");
        }
        Files.writeString(root.resolve("val").resolve("val_annotations.txt"), annotations.toString());
        Files.writeString(root.resolve("wnids.txt"), String.join("\n", WNIDS));
        Files.writeString(root.resolve("words.txt"), "n01443537\tgoldfish, Carassius auratus\nn02124075\tEgyptian cat\n");
    }

    private TrainTest read() {
        return Datasets.open(folder, Cifar100Labels.FINE, Optional.empty());
    }

    private void assertRefused(String... parts) {
        assertDataException(this::read, parts);
    }

    @Test
    void classesAreFoldersInTheOrderOfTheirNames() {
        TrainTest images = read();
        assertEquals(DatasetKind.TINY_IMAGENET, images.train().kind());
        assertEquals(List.of("goldfish", "Egyptian cat", "n12267677"), images.train().classNames());
        assertEquals(18, images.train().count());
        assertEquals(3, images.test().count());
        assertEquals(64, images.train().height());
        assertEquals(List.of(), images.notes());
        // The folder named first in the list of this test comes second.
        int[] expected = {1, 0, 2};
        for (int c = 0; c < 3; c++) {
            assertEquals(expected[c], images.test().label(c));
        }
        for (int i = 0; i < 18; i++) {
            assertEquals(i / 6, images.train().label(i));
        }
    }

    @Test
    void listsMayHaveBeenThroughAnEditor() throws IOException {
        TrainTest expected = read();
        for (String list : List.of("val/val_annotations.txt", "words.txt")) {
            Files.writeString(root.resolve(list), "\uFEFF" + Files.readString(root.resolve(list)).replace("\n", "\r\n"));
        }
        assertEquals(expected.train().classNames(), read().train().classNames());
        assertEquals(expected.test().contentHash(), read().test().contentHash());
    }

    /** JPEG is not exact; flat colours come back within a few steps. */
    @Test
    void pixelsAreThoseOfTheFiles() throws IOException {
        Files.write(root.resolve("train/n01443537/images/n01443537_0.JPEG"), jpeg(64, BufferedImage.TYPE_BYTE_GRAY, 77));
        Dataset train = read().train();
        for (int i = 0; i < 18; i++) {
            int c = WNIDS.indexOf(List.of("n01443537", "n02124075", "n12267677").get(i / 6));
            int rgb = i == 0 ? 0x4d4d4d : colour(c, i % 6);
            float[] pixels = new float[3 * 64 * 64];
            train.write(i, pixels, 0, 1);
            for (int plane = 0; plane < 3; plane++) {
                double deviation = Normalization.TINY_IMAGENET.standardDeviation().get(plane);
                double mean = Normalization.TINY_IMAGENET.mean().get(plane);
                double value = 255 * (pixels[plane * 64 * 64 + 1000] * deviation + mean);
                assertEquals(rgb >> 16 - 8 * plane & 0xff, value, i == 0 ? 1 : 6, "image " + i + ", plane " + plane);
            }
        }
    }

    @Test
    void whatIsDamagedIsNamed() throws IOException {
        Path image = root.resolve("train/n02124075/images/n02124075_3.JPEG");
        byte[] good = Files.readAllBytes(image);
        Files.write(image, jpeg(32, BufferedImage.TYPE_INT_RGB, 5));
        assertRefused("n02124075_3.JPEG", "32×32 pixels, expected 64×64");
        Files.write(image, new byte[0]);
        assertRefused("n02124075_3.JPEG", "unpack the archive again");
        Files.writeString(image, "<!DOCTYPE html><html>");
        assertRefused("n02124075_3.JPEG", "no JPEG image");
        Files.write(image, new byte[JpegReader.MOST_BYTES + 1]);
        assertRefused("n02124075_3.JPEG", "more than 1048576 bytes");
        byte[] huge = good.clone();
        for (int i = 0; i < huge.length - 9; i++) {
            if ((huge[i] & 0xff) == 0xff && (huge[i + 1] & 0xff) == 0xc0) {
                huge[i + 5] = (byte) 0xff;
                huge[i + 7] = (byte) 0xff;
                break;
            }
        }
        Files.write(image, huge);
        assertRefused("n02124075_3.JPEG", "expected 64×64");
    }

    /** Java's decoder fills up what is missing with grey, takes inks for colours, and guesses where nothing says what components are. */
    @Test
    void whatTheDecoderPassesOverIsNamed() throws IOException {
        Path image = root.resolve("train/n02124075/images/n02124075_3.JPEG");
        byte[] good = Files.readAllBytes(image);
        for (int length : new int[] {good.length - 2, good.length - 20}) {
            Files.write(image, Arrays.copyOf(good, length));
            assertRefused("n02124075_3.JPEG: the file is cut off");
        }
        Files.write(image, good);
        assertEquals(18, read().train().count());
        DataException refused = assertThrows(DataException.class, () -> new JpegReader(32).read(DataFile.of(image), new byte[3072]));
        assertTrue(refused.getMessage().endsWith("has 64×64 pixels, expected 32×32 pixels"), refused.getMessage());
        Files.write(image, inks());
        assertRefused("n02124075_3.JPEG: a pixel has 4 components (CMYK)", "convert it to RGB");
        String bytes = new String(good, StandardCharsets.ISO_8859_1).replace("JFIF", "none");
        int frame = bytes.indexOf("\u00ff\u00c0");
        int scan = bytes.indexOf("\u00ff\u00da");
        byte[] numbered = bytes.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < 3; i++) {
            numbered[frame + 10 + 3 * i] = (byte) i;
            numbered[scan + 5 + 2 * i] = (byte) i;
        }
        Files.write(image, numbered);
        assertRefused("n02124075_3.JPEG: a pixel has 3 components [0, 1, 2]");
    }

    /** Four bands, as the writer writes them without a word of what they are. */
    private static byte[] inks() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 64, 64, 4, null), null, null), null);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    /** As others read images for training: samples of a profile that is not sRGB are not converted. */
    @Test
    void coloursAreTakenAsTheyAreStored() throws IOException {
        byte[] plain = jpeg(64, BufferedImage.TYPE_INT_RGB, 0x406080);
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        byte[] mark = "ICC_PROFILE\0\1\1".getBytes(StandardCharsets.ISO_8859_1);
        int header = 2 + 2 + (plain[4] << 8 | plain[5]);
        byte[] marked = ByteBuffer.allocate(plain.length + 4 + mark.length + profile.length).put(plain, 0, header)
                .putShort((short) 0xffe2).putShort((short) (2 + mark.length + profile.length)).put(mark).put(profile)
                .put(plain, header, plain.length - header).array();
        byte[] expected = new byte[3 * 64 * 64];
        byte[] actual = new byte[3 * 64 * 64];
        JpegReader reader = new JpegReader(64);
        reader.read(DataFile.of(Files.write(folder.resolve("plain.jpeg"), plain)), expected);
        reader.read(DataFile.of(Files.write(folder.resolve("marked.jpeg"), marked)), actual);
        assertArrayEquals(expected, actual);
        // JFIF says what the components are, whatever Adobe says: version 100, no flags, transform 0.
        byte[] adobe = "Adobe\0d\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
        byte[] both = ByteBuffer.allocate(plain.length + 4 + adobe.length).put(plain, 0, header).putShort((short) 0xffee)
                .putShort((short) (2 + adobe.length)).put(adobe).put(plain, header, plain.length - header).array();
        reader.read(DataFile.of(Files.write(folder.resolve("both.jpeg"), both)), actual);
        assertArrayEquals(expected, actual);
    }

    /** Bytes changed at random end in pixels or in one sentence. */
    @Test
    void hostileImagesEndInOneSentence() throws IOException {
        byte[] good = jpeg(64, BufferedImage.TYPE_INT_RGB, 0x123456);
        RandomStream random = RandomStream.of(3, "jpeg");
        JpegReader reader = new JpegReader(64);
        byte[] pixels = new byte[3 * 64 * 64];
        int refused = 0;
        for (int n = 0; n < 400; n++) {
            byte[] bad = good.clone();
            for (int change = 0; change < 4; change++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            Path file = Files.write(folder.resolve("bad.jpeg"), bad);
            try {
                reader.read(DataFile.of(file), pixels);
            } catch (DataException e) {
                assertTrue(e.getMessage().contains("bad.jpeg"), e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > 100, refused + " refused");
        reader.read(DataFile.of(Files.write(folder.resolve("bad.jpeg"), good)), pixels);
    }

    @Test
    void whatDoesNotFitTogetherIsNamed() throws IOException {
        Path list = root.resolve("val/val_annotations.txt");
        String good = Files.readString(list);
        Files.writeString(list, good + "val_9.JPEG\tn02124075\t0\t0\t1\t1\n");
        assertRefused("names 4 files", "are 3", "'val_9.JPEG'");
        Files.writeString(list, good.replace("val_1.JPEG", "val_8.JPEG"));
        assertRefused("val_1.JPEG", "does not name it");
        Files.writeString(list, good.replace("n12267677", "n99999999"));
        assertRefused("val_2.JPEG", "class n99999999", "no training images");
        Files.writeString(list, good + good);
        assertRefused("line 4", "'val_0.JPEG' a second time");
        Files.writeString(list, "val_0.JPEG cat\n");
        assertRefused("line 1", "a tab and its class");
        Files.delete(list);
        assertRefused("val_annotations.txt", "no such file");
        Files.writeString(list, good);
        Path images = root.resolve("train/n01443537/images");
        for (int i = 0; i < 6; i++) {
            Files.delete(images.resolve("n01443537_" + i + ".JPEG"));
        }
        assertRefused("n01443537", "holds no JPEG image");
        Files.delete(images);
        assertRefused("expected the images of n01443537", "tiny-imagenet-200");
    }

    @Test
    void strangersAreCountedAndARunTrainsOnIt() throws IOException {
        Files.writeString(root.resolve("val/images/notes.txt"), "x");
        Files.createDirectories(root.resolve("train/n01443537/images/more"));
        List<String> notes = read().notes();
        assertTrue(notes.size() == 1 && notes.getFirst().contains("left out 2 files and folders"), notes.toString());
        Experiment experiment = Experiment.of(Map.of(Setting.DATA, root.toString(), Setting.MODEL, "resnet18", Setting.WIDTH, "2",
                Setting.DEVICES, "2", Setting.PUBLIC_PER_CLASS, "1", Setting.PARTITION, "iid"));
        assertEquals("3×64×64", experiment.network(experiment.open().train()).input().toString());
        assertEquals(3, experiment.data(experiment.open()).publicSet().count());
    }
}

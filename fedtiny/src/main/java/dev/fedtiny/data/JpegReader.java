package dev.fedtiny.data;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads square JPEG images of one size with Java's own decoder ({@code java.desktop}); grey ones become three equal planes. An image's size
 * is checked before it is decoded, so that a file costs at most its own bytes, {@value #MOST_BYTES} of them, and the pixels wanted. Not
 * thread-safe.
 */
final class JpegReader {
    static final int MOST_BYTES = 1 << 20;

    private final int side;
    private final ImageReader reader;

    /**
     * A reader.
     *
     * @param side pixels of each side that images must have
     * @throws DataException if this Java has no decoder
     */
    JpegReader(int side) {
        this.side = side;
        Iterator<ImageReader> readers;
        try {
            readers = ImageIO.getImageReadersByFormatName("jpeg");
        } catch (NoClassDefFoundError e) {
            throw new DataException("this Java cannot read JPEG images: it has no module java.desktop; use a whole JDK, and "
                    + "--add-modules java.desktop where modules are chosen", e);
        }
        if (!readers.hasNext()) {
            throw new DataException("this Java cannot read JPEG images: its module java.desktop has no decoder; use a whole JDK");
        }
        this.reader = readers.next();
    }

    /**
     * Reads an image.
     *
     * @param file plain JPEG
     * @param pixels gets red, then green, then blue, each row by row
     * @throws DataException if it is none, is damaged, or has another size
     */
    void read(DataFile file, byte[] pixels) {
        file.read(in -> {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new DataException(file.name() + ": has more than " + MOST_BYTES + " bytes, expected a JPEG image of " + size());
            }
            try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
                decode(file, stream, pixels);
            } catch (IOException | RuntimeException e) {
                throw e instanceof DataException known ? known : new DataException(file.name() + ": is no JPEG image that can be read ("
                        + e.getMessage() + "), expected one of " + size() + "; unpack the archive again", e);
            } finally {
                reader.reset();
            }
            return pixels;
        });
    }

    private String size() {
        return side + "×" + side + " pixels";
    }

    private void decode(DataFile file, ImageInputStream stream, byte[] pixels) throws IOException {
        reader.setInput(stream, true, true);
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        if (width != side || height != side) {
            throw new DataException(file.name() + ": has " + width + "×" + height + " pixels, expected " + size());
        }
        BufferedImage image = reader.read(0);
        Raster raster = image.getRaster();
        boolean grey = raster.getNumBands() == 1;
        int area = side * side;
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                // A grey value as it is stored: getRGB would convert it from a linear scale.
                int rgb = grey ? 0x010101 * raster.getSample(x, y, 0) : image.getRGB(x, y);
                int at = y * side + x;
                pixels[at] = (byte) (rgb >> 16);
                pixels[area + at] = (byte) (rgb >> 8);
                pixels[2 * area + at] = (byte) rgb;
            }
        }
    }
}

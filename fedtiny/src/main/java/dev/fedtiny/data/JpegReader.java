package dev.fedtiny.data;

import dev.fedtiny.engine.io.FileSignature;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads square JPEG images of one size with Java's own decoder ({@code java.desktop}); grey ones become three equal planes. Colours are
 * taken as they are stored, whatever profile a file holds. An image's size is checked before it is decoded, so that a file costs at most
 * its own bytes, {@value #MOST_BYTES} of them, and the pixels wanted. Not thread-safe.
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
     * @throws DataException if it is none, is damaged or cut off, has another size, or inks in place of colours
     */
    void read(DataFile file, byte[] pixels) {
        file.read(FileSignature.JPEG, in -> {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new DataException(file.name() + ": has more than " + MOST_BYTES + " bytes, expected a JPEG image of " + size());
            }
            JpegMarkers markers = JpegMarkers.of(bytes);
            // Under another name a segment is nothing to the decoder.
            markers.unheeded().forEach(at -> bytes[at] = 0);
            try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
                decode(file, stream, markers, pixels);
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

    /** What the decoder would pass over in silence, and give pixels that are not those of the image. */
    private static void check(DataFile file, JpegMarkers markers) {
        if (!markers.ended()) {
            throw new DataException(file.name() + ": the file is cut off: the end of its image is missing; unpack the archive again");
        }
        if (!markers.readable()) {
            int count = markers.components().size();
            throw new DataException(file.name() + ": a pixel has " + count + (count == 3 ? " components " + markers.components()
                    + ", which it does not say to be colours of either kind" : " components" + (count == 4 ? " (CMYK)" : ""))
                    + ", expected a grey value or three colours; convert it to RGB, or take it out of the folder");
        }
    }

    private void decode(DataFile file, ImageInputStream stream, JpegMarkers markers, byte[] pixels) throws IOException {
        reader.setInput(stream, true, true);
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        if (width != side || height != side) {
            throw new DataException(file.name() + ": has " + width + "×" + height + " pixels, expected " + size());
        }
        check(file, markers);
        // Samples as they are stored: getRGB would convert grey ones from a linear scale.
        Raster raster = reader.read(0).getRaster();
        int last = raster.getNumBands() - 1;
        int area = side * side;
        for (int band = 0; band < 3; band++) {
            for (int at = 0; at < area; at++) {
                pixels[band * area + at] = (byte) raster.getSample(at % side, at / side, Math.min(band, last));
            }
        }
    }
}

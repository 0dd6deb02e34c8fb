package dev.fedtiny.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes PNG images of 32×32 pixels to planes of red, green and blue, each row-major. Grey images get three equal planes, palettes are
 * looked up, of 16 bits the upper eight are taken, interlaced images are put together, transparency is dropped. Whatever a file declares,
 * it costs at most its own 64 KiB and 9 KiB of pixels. One instance decodes any number of images. Not thread-safe.
 */
final class PngReader {
    static final int SIDE = 32;
    private static final int MAXIMUM_FILE_BYTES = 1 << 16;
    private static final long SIGNATURE = 0x89504e470d0a1a0aL;
    private static final int SHORTEST_CHUNK = 12;

    private static final Pass[] WHOLE = {new Pass(0, 0, 1, 1)};
    private static final Pass[] INTERLACED = {new Pass(0, 0, 8, 8), new Pass(4, 0, 8, 8), new Pass(0, 4, 4, 8), new Pass(2, 0, 4, 4),
        new Pass(0, 2, 2, 4), new Pass(1, 0, 2, 2), new Pass(0, 1, 1, 2)};

    private final byte[] raw = new byte[Pass.bytes(INTERLACED, 8 * Colour.MOST_SAMPLES * 2)];
    private final byte[] beyond = new byte[1];

    /** Every so many pixels of every so many rows, from a first one on. */
    private record Pass(int x, int y, int stepX, int stepY) {
        private int width() {
            return (SIDE - x + stepX - 1) / stepX;
        }

        private int height() {
            return (SIDE - y + stepY - 1) / stepY;
        }

        private int rowBytes(int pixelBits) {
            return (width() * pixelBits + 7) / 8;
        }

        /** Of all rows, each with its filter. */
        private static int bytes(Pass[] passes, int pixelBits) {
            int bytes = 0;
            for (Pass pass : passes) {
                bytes += pass.height() * (1 + pass.rowBytes(pixelBits));
            }
            return bytes;
        }
    }

    /** What a pixel is made of. */
    private enum Colour {
        GREY(0, 1), RGB(2, 3), PALETTE(3, 1), GREY_ALPHA(4, 2), RGB_ALPHA(6, 4);

        private static final int MOST_SAMPLES = 4;

        private final int code;
        private final int samples;

        Colour(int code, int samples) {
            this.code = code;
            this.samples = samples;
        }

        static Colour of(int code, String name) {
            for (Colour colour : values()) {
                if (colour.code == code) {
                    return colour;
                }
            }
            throw new DataException(name + ": has colour type " + code + ", which PNG does not know");
        }
    }

    /** Decodes a file into {@code pixels}, 3 × 32 × 32 bytes. */
    void read(DataFile file, byte[] pixels) {
        file.read(in -> {
            byte[] bytes = in.readNBytes(MAXIMUM_FILE_BYTES + 1);
            if (bytes.length > MAXIMUM_FILE_BYTES) {
                throw new DataException(file.name() + ": has more than " + MAXIMUM_FILE_BYTES
                        + " bytes, too many for an image of 32×32 pixels");
            }
            decode(ByteBuffer.wrap(bytes), file.name(), pixels);
            return null;
        });
    }

    private void decode(ByteBuffer in, String name, byte[] pixels) {
        if (in.remaining() < 8 || in.getLong() != SIGNATURE) {
            throw new DataException(name + ": is not a PNG image, its first bytes are others; convert it or take it out of the folder");
        }
        ByteBuffer header = chunk(in, name);
        if (!typeOf(header).equals("IHDR") || header.limit() != 17) {
            throw new DataException(name + ": does not begin with a PNG header of 13 bytes");
        }
        int width = header.getInt(4);
        int height = header.getInt(8);
        int depth = header.get(12);
        Colour colour = Colour.of(header.get(13), name);
        if (width != SIDE || height != SIDE) {
            throw new DataException(name + ": has " + Integer.toUnsignedString(width) + "×" + Integer.toUnsignedString(height)
                    + " pixels, expected 32×32");
        }
        boolean shallow = (colour == Colour.GREY || colour == Colour.PALETTE) && (depth == 1 || depth == 2 || depth == 4);
        boolean deep = colour != Colour.PALETTE && depth == 16;
        int interlacing = header.get(16);
        if (depth != 8 && !shallow && !deep || header.get(14) != 0 || header.get(15) != 0 || interlacing != 0 && interlacing != 1) {
            throw new DataException(name + ": has " + depth + " bits a sample, colour " + colour + ", compression " + header.get(14)
                    + ", filter " + header.get(15) + ", interlacing " + interlacing + ", which PNG does not know together");
        }
        Pass[] passes = interlacing == 1 ? INTERLACED : WHOLE;
        byte[] palette = new byte[0];
        Inflater inflater = new Inflater();
        try {
            int pixelBits = colour.samples * depth;
            int wanted = Pass.bytes(passes, pixelBits);
            int unpacked = 0;
            for (ByteBuffer chunk = chunk(in, name); !typeOf(chunk).equals("IEND"); chunk = chunk(in, name)) {
                if (typeOf(chunk).equals("PLTE")) {
                    palette = new byte[chunk.limit() - 4];
                    chunk.get(4, palette);
                } else if (typeOf(chunk).equals("IDAT")) {
                    inflater.setInput(chunk.slice(4, chunk.limit() - 4));
                    unpacked = inflate(inflater, unpacked, wanted, name);
                } else if ((chunk.get(0) & 0x20) == 0) {
                    throw new DataException(name + ": has a chunk " + typeOf(chunk) + ", which must be understood and is not");
                }
            }
            if (unpacked < wanted) {
                throw new DataException(name + ": has pixel data of " + unpacked + " bytes, expected " + wanted);
            }
            int from = 0;
            for (Pass pass : passes) {
                unfilter(from, pass, pass.rowBytes(pixelBits), Math.max(1, pixelBits / 8), name);
                convert(from, pass, colour, depth, palette, name, pixels);
                from += pass.height() * (1 + pass.rowBytes(pixelBits));
            }
        } catch (DataFormatException e) {
            throw new DataException(name + ": its pixel data are not valid zlib data (" + e.getMessage() + ")", e);
        } finally {
            inflater.end();
        }
    }

    /** Unpacks as far as the image goes; anything beyond it is an error, and is not unpacked. */
    private int inflate(Inflater inflater, int unpacked, int wanted, String name) throws DataFormatException {
        int to = unpacked;
        while (!inflater.finished() && !inflater.needsInput()) {
            int more = to < wanted ? inflater.inflate(raw, to, wanted - to) : inflater.inflate(beyond);
            if (to == wanted && more > 0) {
                throw new DataException(name + ": has more pixel data than the " + wanted + " bytes of its image");
            }
            if (inflater.needsDictionary()) {
                throw new DataException(name + ": its pixel data need a dictionary, which PNG does not allow");
            }
            to += more;
        }
        return to;
    }

    /** Type and data of the next chunk, its checksum verified. */
    private static ByteBuffer chunk(ByteBuffer in, String name) {
        int left = in.remaining();
        int length = left < SHORTEST_CHUNK ? 0 : in.getInt(in.position());
        if (left < SHORTEST_CHUNK || length < 0 || length > left - SHORTEST_CHUNK) {
            throw new DataException(name + ": ends inside a chunk; the file is cut off or damaged");
        }
        ByteBuffer chunk = in.slice(in.position() + 4, length + 4);
        CRC32 crc = new CRC32();
        crc.update(chunk.duplicate());
        if ((int) crc.getValue() != in.getInt(in.position() + 8 + length)) {
            throw new DataException(name + ": chunk " + typeOf(chunk) + " has a wrong checksum; the file is damaged");
        }
        in.position(in.position() + SHORTEST_CHUNK + length);
        return chunk;
    }

    private static String typeOf(ByteBuffer chunk) {
        byte[] type = new byte[4];
        chunk.get(0, type);
        return new String(type, StandardCharsets.ISO_8859_1);
    }

    /** Undoes the prediction of every row from its left and upper neighbours, in place. */
    private void unfilter(int from, Pass pass, int rowBytes, int pixelBytes, String name) {
        int stride = rowBytes + 1;
        for (int row = 0; row < pass.height(); row++) {
            int filter = raw[from + row * stride];
            if (filter < 0 || filter > 4) {
                throw new DataException(name + ": row " + row + " has filter " + filter + ", which PNG does not know");
            }
            for (int i = 0; i < rowBytes; i++) {
                int at = from + row * stride + 1 + i;
                int left = i < pixelBytes ? 0 : raw[at - pixelBytes] & 0xff;
                int up = row == 0 ? 0 : raw[at - stride] & 0xff;
                int corner = row == 0 || i < pixelBytes ? 0 : raw[at - stride - pixelBytes] & 0xff;
                raw[at] += (byte) switch (filter) {
                    case 1 -> left;
                    case 2 -> up;
                    case 3 -> (left + up) / 2;
                    case 4 -> paeth(left, up, corner);
                    default -> 0;
                };
            }
        }
    }

    private static int paeth(int left, int up, int corner) {
        int estimate = left + up - corner;
        int toLeft = Math.abs(estimate - left);
        int toUp = Math.abs(estimate - up);
        int toCorner = Math.abs(estimate - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private void convert(int from, Pass pass, Colour colour, int depth, byte[] palette, String name, byte[] pixels) {
        int plane = SIDE * SIDE;
        int pixelBits = colour.samples * depth;
        // Of 16 bits the upper eight are an image of 8 bits.
        int bits = Math.min(depth, 8);
        int largest = (1 << bits) - 1;
        for (int j = 0; j < pass.height(); j++) {
            int row = from + j * (pass.rowBytes(pixelBits) + 1) + 1;
            int y = pass.y + j * pass.stepY;
            for (int i = 0; i < pass.width(); i++) {
                int bit = i * pixelBits;
                int x = pass.x + i * pass.stepX;
                int first = (raw[row + bit / 8] & 0xff) >>> 8 - bits - bit % 8 & largest;
                int to = y * SIDE + x;
                for (int c = 0; c < 3; c++) {
                    pixels[c * plane + to] = switch (colour) {
                        case GREY, GREY_ALPHA -> (byte) (first * 255 / largest);
                        case RGB, RGB_ALPHA -> raw[row + (bit + c * depth) / 8];
                        case PALETTE -> {
                            if (3 * first + 2 >= palette.length) {
                                throw new DataException(name + ": pixel (" + x + ", " + y + ") has colour " + first
                                        + ", but the palette has " + palette.length / 3);
                            }
                            yield palette[3 * first + c];
                        }
                    };
                }
            }
        }
    }
}

package dev.fedtiny.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.DeflaterOutputStream;

/** Writes MATLAB 5 MAT-files, sound and unsound ones, from the format's description. */
final class MatFiles {
    static final int UINT8_CLASS = 9;
    static final int DOUBLE_CLASS = 6;
    static final int UINT8 = 2;
    static final int DOUBLE = 9;

    private final ByteOrder order;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    MatFiles(ByteOrder order) {
        this.order = order;
        ByteBuffer header = ByteBuffer.allocate(128).order(order);
        header.put("MATLAB 5.0 MAT-file, of a test".getBytes(StandardCharsets.ISO_8859_1));
        header.position(124).putShort((short) 0x0100).putShort((short) ('M' << 8 | 'I'));
        out.writeBytes(header.array());
    }

    MatFiles element(int type, byte[] data) {
        out.writeBytes(tagged(type, data, data.length));
        return this;
    }

    /** Packs an element. */
    MatFiles packed(byte[] element) {
        return packedBytes(deflate(element));
    }

    MatFiles packedBytes(byte[] zlib) {
        out.writeBytes(ByteBuffer.allocate(8).order(order).putInt(MatInput.COMPRESSED).putInt(zlib.length).array());
        out.writeBytes(zlib);
        return this;
    }

    MatFiles plain(byte[] element) {
        out.writeBytes(element);
        return this;
    }

    static byte[] deflate(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
            deflater.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    /** An array whose tag and data may lie about its size. */
    byte[] array(String name, int arrayClass, int[] extents, int type, byte[] data, int saidBytes) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(tagged(6, ByteBuffer.allocate(8).order(order).putInt(arrayClass).array(), 8));
        ByteBuffer dimensions = ByteBuffer.allocate(4 * extents.length).order(order);
        for (int extent : extents) {
            dimensions.putInt(extent);
        }
        content.writeBytes(tagged(5, dimensions.array(), dimensions.capacity()));
        content.writeBytes(named(name));
        content.writeBytes(tagged(type, data, saidBytes));
        return tagged(MatInput.MATRIX, content.toByteArray(), content.size());
    }

    byte[] array(String name, int arrayClass, int[] extents, int type, byte[] data) {
        return array(name, arrayClass, extents, type, data, data.length);
    }

    /** A name of up to four letters goes into the tag itself. */
    private byte[] named(String name) {
        byte[] letters = name.getBytes(StandardCharsets.ISO_8859_1);
        if (letters.length > 4) {
            return tagged(1, letters, letters.length);
        }
        return ByteBuffer.allocate(8).order(order).putInt(letters.length << 16 | 1).put(letters).array();
    }

    private byte[] tagged(int type, byte[] data, int saidBytes) {
        ByteBuffer element = ByteBuffer.allocate(8 + (data.length + 7) / 8 * 8).order(order);
        return element.putInt(type).putInt(saidBytes).put(data).array();
    }

    byte[] doubles(double... values) {
        ByteBuffer data = ByteBuffer.allocate(8 * values.length).order(order);
        for (double value : values) {
            data.putDouble(value);
        }
        return data.array();
    }

    /** Images in column-major order: value (n, c, y, x) is {@code 7n + 5c + 3y + x}. */
    static byte[] images(int count) {
        byte[] data = new byte[count * 3072];
        for (int at = 0; at < data.length; at++) {
            int y = at % 32;
            int x = at / 32 % 32;
            int c = at / 1024 % 3;
            data[at] = (byte) (7 * (at / 3072) + 5 * c + 3 * y + x);
        }
        return data;
    }
}

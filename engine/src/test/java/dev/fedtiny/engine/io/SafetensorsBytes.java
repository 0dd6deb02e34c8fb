package dev.fedtiny.engine.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes safetensors files by hand, wrong ones included. */
final class SafetensorsBytes {
    private SafetensorsBytes() {
    }

    /** Length, header and as many bytes of data 0, 1, 2, ... */
    static byte[] file(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        for (int i = 0; i < dataBytes; i++) {
            file.put((byte) i);
        }
        return file.array();
    }

    /** An entry of the header. */
    static String tensor(String name, String dataType, String shape, long begin, long end) {
        return "\"" + name + "\":{\"dtype\":\"" + dataType + "\",\"shape\":" + shape + ",\"data_offsets\":[" + begin + "," + end + "]}";
    }

    static Path write(Path folder, byte[] bytes) throws IOException {
        Path file = folder.resolve("file.safetensors");
        // Anew: a file that is emptied and written again is written to the disk by ext4, which takes 6 ms.
        Files.deleteIfExists(file);
        return Files.write(file, bytes);
    }

    /** Opens the file and reads every tensor in every way that its type allows. */
    static void readAll(Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (TensorEntry entry : file.tensors()) {
                int elements = switch (entry.dataType()) {
                    case F32, F16, BF16, F64 -> file.readFloats(entry.name()).length;
                    case I32, I16, U16 -> file.readInts(entry.name()).length;
                    case I64 -> file.readLongs(entry.name()).length;
                    case U8, I8, BOOL -> file.readBytes(entry.name()).length;
                    default -> (int) entry.elements();
                };
                if (elements != entry.elements()) {
                    throw new AssertionError(entry + " gave " + elements + " elements");
                }
            }
        }
    }
}

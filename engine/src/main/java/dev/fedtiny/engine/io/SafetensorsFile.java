package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A safetensors file, or the bytes of one, open for reading: a checked list of tensors, each read on demand. Opening checks the whole
 * header against the size of the file before anything is allocated for a tensor, so that no file makes the reader take more memory than a
 * small multiple of the file's own size; the bounds are a header of 16 MiB and a million values in it. Safe for several threads.
 */
public final class SafetensorsFile implements Closeable {
    private static final int CHUNK_BYTES = 1 << 16;
    /** The longest array that every JVM can make. */
    private static final int MAXIMUM_ELEMENTS = Integer.MAX_VALUE - 8;

    private final ByteSource source;
    private final SafetensorsHeader header;

    private SafetensorsFile(ByteSource source, SafetensorsHeader header) {
        this.source = source;
        this.header = header;
    }

    /**
     * Opens a file and checks its header.
     *
     * @param file what is opened; stays so until {@link #close}
     * @return the file, its header read
     * @throws SafetensorsException if the file is not a well-formed safetensors file
     * @throws IOException if it cannot be read
     */
    public static SafetensorsFile open(Path file) throws IOException {
        Given.notNull(file, "safetensors: file", "the path of a file");
        if (Files.isDirectory(file)) {
            throw new SafetensorsException(file.toString(), -1, "this is a directory, expected a safetensors file");
        }
        return open(ByteSource.open(file));
    }

    /**
     * As {@link #open(Path)}, for any source of bytes, which is closed with the file, or when it is none.
     *
     * @param source closed with the result, and at once where an exception is thrown
     * @return the file, its header read
     * @throws IOException if it cannot be read or is not a well-formed safetensors file
     */
    public static SafetensorsFile open(ByteSource source) throws IOException {
        Given.notNull(source, "safetensors: source", "all bytes of a file: of ByteSource");
        try {
            return new SafetensorsFile(source, readHeader(source));
        } catch (SafetensorsException e) {
            Optional<String> other = FileSignature.describe(source, FileSignature.SAFETENSORS, FileSignature.EMPTY);
            source.close();
            throw other.map(sentence -> new SafetensorsException(source.name(), 0, sentence, e)).orElse(e);
        } catch (IOException | RuntimeException | Error e) {
            source.close();
            throw e;
        }
    }

    private static SafetensorsHeader readHeader(ByteSource source) throws IOException {
        String name = source.name();
        long fileBytes = source.size();
        if (fileBytes < SafetensorsHeader.LENGTH_BYTES) {
            throw new SafetensorsException(name, fileBytes, "the file has " + fileBytes + " bytes, expected at least "
                    + SafetensorsHeader.LENGTH_BYTES + " that hold the header's length");
        }
        ByteBuffer length = ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        readFully(source, length, 0);
        long headerBytes = length.getLong(0);
        long most = Math.min(SafetensorsHeader.MAXIMUM_BYTES, fileBytes - SafetensorsHeader.LENGTH_BYTES);
        if (headerBytes < 0 || headerBytes > most) {
            throw new SafetensorsException(name, 0, "the header should have " + Long.toUnsignedString(headerBytes) + " bytes, but the file"
                    + " has " + (fileBytes - SafetensorsHeader.LENGTH_BYTES) + " after the length, and at most "
                    + SafetensorsHeader.MAXIMUM_BYTES + " are read; it is cut short or no safetensors file");
        }
        byte[] json = new byte[(int) headerBytes];
        readFully(source, ByteBuffer.wrap(json), SafetensorsHeader.LENGTH_BYTES);
        return SafetensorsHeader.parse(name, json, fileBytes);
    }

    /** {@return the file's path as it was given, or what messages call bytes that were in memory} */
    public String name() {
        return source.name();
    }

    /** {@return the file's strings; empty when it has none} */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /** {@return all tensors in the order of their bytes} */
    public List<TensorEntry> tensors() {
        return List.copyOf(header.tensors().values());
    }

    /**
     * A tensor, or empty when there is none of that name.
     *
     * @param name the tensor's key
     * @return where it lies; empty when there is none of that name
     */
    public Optional<TensorEntry> find(String name) {
        return Optional.ofNullable(header.tensors().get(name));
    }

    /**
     * A tensor.
     *
     * @param name the tensor's key
     * @return where it lies
     * @throws SafetensorsException if there is none of that name
     */
    public TensorEntry get(String name) throws SafetensorsException {
        return find(name).orElseThrow(() -> new SafetensorsException(source.name(), -1, "there is no tensor '" + name + "'"));
    }

    /**
     * Reads a tensor of F32, F16 or BF16 exactly, or of F64 rounded to the nearest float.
     *
     * @param name the tensor's key
     * @return a new array in the file's order, the last extent fastest
     * @throws SafetensorsException if there is no such tensor, it is of another type or has too many elements for an array
     */
    public float[] readFloats(String name) throws IOException {
        TensorEntry entry = get(name);
        return switch (entry.dataType()) {
            case F32 -> floats(entry, ByteBuffer::getFloat);
            case F16 -> floats(entry, (chunk, at) -> Float.float16ToFloat(chunk.getShort(at)));
            case BF16 -> floats(entry, (chunk, at) -> Float.intBitsToFloat(chunk.getShort(at) << 16));
            case F64 -> floats(entry, (chunk, at) -> (float) chunk.getDouble(at));
            default -> throw wrongType(entry, "F32, F16, BF16 or F64");
        };
    }

    /**
     * Reads a tensor of any type of numbers as floats, rounded where they must be: for masks and counts, whose type depends on who wrote
     * them.
     *
     * @param name the tensor's key
     * @return a new array in the file's order
     * @throws SafetensorsException if there is no such tensor, it is of another type or has too many elements for an array
     */
    public float[] readNumbers(String name) throws IOException {
        TensorEntry entry = get(name);
        return switch (entry.dataType()) {
            case BOOL, U8, I8, U16, I16, I32 -> {
                int[] integers = readInts(name);
                float[] numbers = new float[integers.length];
                for (int i = 0; i < numbers.length; i++) {
                    numbers[i] = integers[i];
                }
                yield numbers;
            }
            case I64 -> floats(entry, (chunk, at) -> chunk.getLong(at));
            case F16, BF16, F32, F64 -> readFloats(name);
            default -> throw wrongType(entry, "BOOL, an integer type, F32, F16, BF16 or F64");
        };
    }

    /** 0 where a tensor of F64 is zero and 1 elsewhere, also where a float would be zero. */
    float[] readNonZero(String name) throws IOException {
        return floats(get(name), (chunk, at) -> chunk.getDouble(at) == 0 ? 0 : 1);
    }

    /**
     * Reads a tensor of I32, or of a shorter integer type widened.
     *
     * @param name the tensor's key
     * @return a new array in the file's order
     * @throws SafetensorsException if there is no such tensor, it is of another type or has too many elements for an array
     */
    public int[] readInts(String name) throws IOException {
        TensorEntry entry = get(name);
        return switch (entry.dataType()) {
            case I32 -> ints(entry, ByteBuffer::getInt);
            case I16 -> ints(entry, ByteBuffer::getShort);
            case U16 -> ints(entry, (chunk, at) -> Short.toUnsignedInt(chunk.getShort(at)));
            case I8 -> ints(entry, ByteBuffer::get);
            case U8, BOOL -> ints(entry, (chunk, at) -> Byte.toUnsignedInt(chunk.get(at)));
            default -> throw wrongType(entry, "I32, I16, U16, I8, U8 or BOOL");
        };
    }

    /**
     * Reads a tensor of I64, or of I32 widened.
     *
     * @param name the tensor's key
     * @return a new array in the file's order
     * @throws SafetensorsException if there is no such tensor, it is of another type or has too many elements for an array
     */
    public long[] readLongs(String name) throws IOException {
        TensorEntry entry = get(name);
        return switch (entry.dataType()) {
            case I64 -> longs(entry, ByteBuffer::getLong);
            case I32 -> longs(entry, ByteBuffer::getInt);
            default -> throw wrongType(entry, "I64 or I32");
        };
    }

    /**
     * Reads a tensor of U8, I8 or BOOL as its bytes.
     *
     * @param name the tensor's key
     * @return a new array in the file's order
     * @throws SafetensorsException if there is no such tensor, it is of another type or has too many elements for an array
     */
    public byte[] readBytes(String name) throws IOException {
        TensorEntry entry = get(name);
        return switch (entry.dataType()) {
            case U8, I8, BOOL -> {
                byte[] bytes = new byte[length(entry)];
                readFully(source, ByteBuffer.wrap(bytes), entry.begin());
                yield bytes;
            }
            default -> throw wrongType(entry, "U8, I8 or BOOL");
        };
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    private interface FloatAt {
        float read(ByteBuffer chunk, int at);
    }

    private interface IntAt {
        int read(ByteBuffer chunk, int at);
    }

    private interface LongAt {
        long read(ByteBuffer chunk, int at);
    }

    private interface ChunkReader {
        /** Takes the elements of one chunk, the first of which is element {@code first} of the tensor. */
        void read(ByteBuffer chunk, int first, int count);
    }

    private float[] floats(TensorEntry entry, FloatAt element) throws IOException {
        float[] values = new float[length(entry)];
        int bytes = entry.dataType().bytes();
        readChunks(entry, (chunk, first, count) -> {
            for (int i = 0; i < count; i++) {
                values[first + i] = element.read(chunk, i * bytes);
            }
        });
        return values;
    }

    private int[] ints(TensorEntry entry, IntAt element) throws IOException {
        int[] values = new int[length(entry)];
        int bytes = entry.dataType().bytes();
        readChunks(entry, (chunk, first, count) -> {
            for (int i = 0; i < count; i++) {
                values[first + i] = element.read(chunk, i * bytes);
            }
        });
        return values;
    }

    private long[] longs(TensorEntry entry, LongAt element) throws IOException {
        long[] values = new long[length(entry)];
        int bytes = entry.dataType().bytes();
        readChunks(entry, (chunk, first, count) -> {
            for (int i = 0; i < count; i++) {
                values[first + i] = element.read(chunk, i * bytes);
            }
        });
        return values;
    }

    private void readChunks(TensorEntry entry, ChunkReader reader) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, entry.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        int elementBytes = entry.dataType().bytes();
        int first = 0;
        for (long at = entry.begin(); at < entry.end(); at += chunk.limit()) {
            chunk.clear().limit((int) Math.min(CHUNK_BYTES, entry.end() - at));
            readFully(source, chunk, at);
            int count = chunk.limit() / elementBytes;
            reader.read(chunk, first, count);
            first += count;
        }
    }

    private int length(TensorEntry entry) throws SafetensorsException {
        if (entry.elements() > MAXIMUM_ELEMENTS) {
            throw new SafetensorsException(source.name(), entry.begin(), "tensor '" + entry.name() + "' has " + entry.elements()
                    + " elements, at most " + MAXIMUM_ELEMENTS + " fit in an array");
        }
        return (int) entry.elements();
    }

    private SafetensorsException wrongType(TensorEntry entry, String expected) {
        return new SafetensorsException(source.name(), entry.begin(), "tensor '" + entry.name() + "' is " + entry.typeName()
                + ", expected " + expected);
    }

    private static void readFully(ByteSource source, ByteBuffer buffer, long from) throws IOException {
        int wanted = buffer.remaining();
        source.read(from, buffer);
        if (buffer.hasRemaining()) {
            throw new SafetensorsException(source.name(), from + wanted - buffer.remaining(), "the file ends here, " + buffer.remaining()
                    + " bytes early; it was cut while being read");
        }
    }
}

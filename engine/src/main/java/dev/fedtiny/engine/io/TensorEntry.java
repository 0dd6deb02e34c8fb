package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import java.util.List;

/**
 * One tensor of a safetensors file: where it lies, not its values.
 *
 * @param name its key
 * @param dataType type of the elements, little-endian in the file
 * @param typeName the type as the file names it: the name of {@code dataType} unless that is {@link DataType#OTHER}
 * @param shape extents; empty for a scalar
 * @param begin offset in the file of its first byte
 * @param end offset in the file after its last byte; {@code end - begin} is elements × bytes of an element
 */
public record TensorEntry(String name, DataType dataType, String typeName, List<Long> shape, long begin, long end) {
    /** Keeps its own copy of the shape. */
    public TensorEntry {
        Given.notNull(name, "tensor: name", "its key");
        Given.notNull(dataType, "tensor: dataType", "the type of its elements");
        Given.notNull(typeName, "tensor: typeName", "the type as the file names it");
        Given.notNull(shape, "tensor: shape", "its extents; none for a scalar");
        shape = List.copyOf(shape);
    }

    /**
     * A tensor of a type that this release knows.
     *
     * @param name its key
     * @param dataType any but {@link DataType#OTHER}
     * @param shape extents; empty for a scalar
     * @param begin offset in the file of its first byte
     * @param end offset in the file after its last byte
     */
    public TensorEntry(String name, DataType dataType, List<Long> shape, long begin, long end) {
        this(name, dataType, Given.notNull(dataType, "tensor: dataType", "the type of its elements").name(), shape, begin, end);
    }

    /** {@return the number of elements; 1 for a scalar, 0 where an extent is 0} */
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** {@return how many bytes it takes in the file} */
    public long bytes() {
        return end - begin;
    }

    /**
     * Whether it has exactly these extents.
     *
     * @param extents those expected, outermost first
     * @return false where one differs or their number does
     */
    public boolean hasShape(List<Integer> extents) {
        Given.notNull(extents, "tensor: extents", "the extents expected; none for a scalar");
        return shape.equals(extents.stream().map(Integer::longValue).toList());
    }
}

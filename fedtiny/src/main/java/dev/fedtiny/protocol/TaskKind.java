package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * A sort of {@link LocalTask}, as a method's provider names it. In a {@link Train} message it is one byte, or {@value Kinds#NAMED}, the
 * length of its name (1) and the name; what {@link LocalTask#write} writes follows.
 *
 * @param name the same on server and devices
 * @param code its byte; {@link Kinds#NAMED} for every method that is not part of this project
 * @param reader reads what follows
 */
public record TaskKind(String name, int code, Reader reader) implements Kinds.Kind {
    /** Reads a task. */
    @FunctionalInterface
    public interface Reader {
        /**
         * Reads what {@link LocalTask#write} wrote, trusting nothing.
         *
         * @param masks that the device trains under, one a parameter; they have been checked
         * @param reader stands behind the kind
         * @param network the run's
         * @return the task
         * @throws ProtocolException if it is no task that such a model allows
         */
        LocalTask read(PayloadReader reader, Network network, List<Mask> masks);
    }

    /** Checks name and code. */
    public TaskKind {
        Kinds.Kind.check(name, code);
        Objects.requireNonNull(reader, "reader");
    }

    /**
     * A sort that is found by its name.
     *
     * @param name the same on server and devices
     * @param reader reads what follows the name
     */
    public TaskKind(String name, Reader reader) {
        this(name, Kinds.NAMED, reader);
    }

    void write(PayloadWriter writer) {
        writer.int8(code);
        if (code == Kinds.NAMED) {
            byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
            writer.int8(bytes.length).bytes(bytes);
        }
    }

    static TaskKind read(PayloadReader reader, Kinds<TaskKind> known) {
        int code = reader.int8();
        if (code != Kinds.NAMED) {
            return known.find(code).orElseThrow(() -> reader.content("task is " + code + ", expected one of " + known));
        }
        String name = Kinds.name(reader.bytes(reader.int8In("length of a task's name", Kinds.MAXIMUM_NAME_BYTES)));
        return known.find(name).orElseThrow(() -> reader.content("task is '" + name + "', expected one of " + known
                + "; give server and device the same methods"));
    }
}

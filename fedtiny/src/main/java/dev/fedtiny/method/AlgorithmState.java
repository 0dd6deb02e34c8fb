package dev.fedtiny.method;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.protocol.Kinds;
import java.io.IOException;
import java.util.Objects;

/**
 * What a method remembers beyond the model: an immutable value that writes itself into checkpoints. A method brings its own, in its own
 * file; its provider names the {@link Kind} by which checkpoints are read.
 */
public interface AlgorithmState {
    /** {@return by what a checkpoint knows it} */
    Kind kind();

    /**
     * Writes what follows the kind; {@link Kind#reader} reads it.
     *
     * @param writer takes it, little-endian
     * @throws IOException if it cannot be written
     */
    void write(StateWriter writer) throws IOException;

    /**
     * Whether devices hold masks that this state knows and the model does not: then going back to an earlier state means that all of them
     * are given theirs again.
     *
     * @return by default false
     */
    default boolean masksOfDevices() {
        return false;
    }

    /**
     * A sort of state. In a checkpoint it is one byte, or {@value Kinds#NAMED}, the length of its name (1) and the name; what
     * {@link AlgorithmState#write} writes follows.
     *
     * @param name the same whenever checkpoints are written and read
     * @param code its byte; {@link Kinds#NAMED} for every method that is not part of this project
     * @param reader reads what follows
     */
    record Kind(String name, int code, Reader reader) implements Kinds.Kind {
        /** Checks name and code. */
        public Kind {
            Kinds.Kind.check(name, code);
            Objects.requireNonNull(reader, "reader");
        }

        /**
         * A sort that is found by its name.
         *
         * @param name the same whenever checkpoints are written and read
         * @param reader reads what follows the name
         */
        public Kind(String name, Reader reader) {
            this(name, Kinds.NAMED, reader);
        }
    }

    /** Reads a state. */
    @FunctionalInterface
    interface Reader {
        /**
         * Reads what {@link AlgorithmState#write} wrote, trusting nothing: it may come from a damaged file.
         *
         * @param reader stands behind the kind
         * @param network whose run the checkpoint is of
         * @return the state
         * @throws IOException made by {@link StateReader#error} if it is no such state
         */
        AlgorithmState read(StateReader reader, Network network) throws IOException;
    }

    /** Nothing. */
    record None() implements AlgorithmState {
        /** How checkpoints know it. */
        public static final Kind KIND = new Kind("none", 0, (_, _) -> new None());

        @Override
        public Kind kind() {
            return KIND;
        }

        @Override
        public void write(StateWriter writer) {
            // The kind says it all.
        }
    }
}

package dev.fedtiny.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The sorts of something that methods bring with them, found by what marks them in frames and files: a byte, for those of this project,
 * or the byte {@value #NAMED} and a name, for everybody else's, so that two that were written apart do not meet. Immutable.
 *
 * @param <K> a sort's description, which reads it
 */
public final class Kinds<K extends Kinds.Kind> {
    /** The byte before a name. */
    public static final int NAMED = 255;
    /** The most bytes of a name. */
    public static final int MAXIMUM_NAME_BYTES = 100;

    private final Map<String, K> byName = new LinkedHashMap<>();
    private final Map<Integer, K> byCode = new LinkedHashMap<>();

    /** What a sort is called. */
    public interface Kind {
        /** {@return its name: at least one and at most {@value #MAXIMUM_NAME_BYTES} printable ASCII characters} */
        String name();

        /** {@return its byte, or {@link #NAMED}} */
        int code();

        /**
         * Checks name and byte of a sort.
         *
         * @param name of the sort
         * @param code its byte, or {@link #NAMED}
         * @throws IllegalArgumentException if they cannot be written
         */
        static void check(String name, int code) {
            if (!name.matches("[\\x21-\\x7e]{1," + MAXIMUM_NAME_BYTES + "}") || code < 0 || code > NAMED) {
                throw new IllegalArgumentException("sort '" + name + "' with code " + code + ": expected 1 to " + MAXIMUM_NAME_BYTES
                        + " printable ASCII characters without spaces, and a code from 0 to " + NAMED);
            }
        }
    }

    /**
     * These and no others; one that stands there twice counts once.
     *
     * @param kinds the sorts there are
     * @throws IllegalArgumentException if two have one name or one byte
     */
    public Kinds(Collection<K> kinds) {
        for (K kind : kinds) {
            K other = byName.putIfAbsent(kind.name(), kind);
            if (other == null && kind.code() != NAMED) {
                other = byCode.putIfAbsent(kind.code(), kind);
            }
            if (other != null && !other.equals(kind)) {
                throw new IllegalArgumentException("two sorts are called '" + kind.name() + "' or have the code " + kind.code() + ": "
                        + other + " and " + kind + "; rename one");
            }
        }
    }

    /**
     * A name as it was read, for errors and look-ups: what no name can hold is replaced, so that logs and terminals are safe.
     *
     * @param bytes of the name, in ASCII
     * @return the name, with {@code ?} for what is not printable
     */
    public static String name(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII).replaceAll("[^\\x21-\\x7e]", "?");
    }

    /**
     * The one of a byte other than {@link #NAMED}.
     *
     * @param code from 0, below {@link #NAMED}
     * @return the sort; empty where there is none
     */
    public Optional<K> find(int code) {
        return Optional.ofNullable(byCode.get(code));
    }

    /**
     * The one of a name.
     *
     * @param name as {@link Kind#name} gives it
     * @return the sort; empty where there is none
     */
    public Optional<K> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** What there is, for people. */
    @Override
    public String toString() {
        return byName.values().stream().map(kind -> kind.code() == NAMED ? "'" + kind.name() + "'" : kind.code() + " (" + kind.name() + ")")
                .collect(Collectors.joining(", "));
    }
}

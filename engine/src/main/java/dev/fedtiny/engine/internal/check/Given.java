package dev.fedtiny.engine.internal.check;

/** Refuses null where a public method takes an argument, before anything is done; costs a comparison. */
public final class Given {
    private Given() {
    }

    /**
     * An argument that has to be there.
     *
     * @param <T> its type
     * @param argument what was given
     * @param name whose argument it is and what it is called, as in {@code session: images}
     * @param expected what to give in place of null: words that follow "expected"
     * @return the argument
     * @throws NullPointerException that says these three, if it is null
     */
    public static <T> T notNull(T argument, String name, String expected) {
        if (argument == null) {
            throw new NullPointerException(name + " is null, expected " + expected);
        }
        return argument;
    }
}

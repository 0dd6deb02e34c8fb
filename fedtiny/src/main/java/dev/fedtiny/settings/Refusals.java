package dev.fedtiny.settings;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Everything that is wrong with settings, in the order in which it was found. It is told at once, so that whoever has three things to mend
 * reads of three.
 */
public final class Refusals {
    /** By what they say: what two parts refuse in the same words is wrong once. */
    private final Map<String, IllegalArgumentException> found = new LinkedHashMap<>();

    /** Nothing is wrong yet. */
    public Refusals() {
    }

    /**
     * Notes something that is wrong.
     *
     * @param refusal with a sentence that says what, and what is expected
     */
    public void add(IllegalArgumentException refusal) {
        found.putIfAbsent(refusal.getMessage(), refusal);
    }

    /**
     * Makes something of settings, and notes where they do not allow it.
     *
     * @param <T> what is made
     * @param part throws an {@link IllegalArgumentException} where a setting stands in the way
     * @return what was made; empty where it was refused
     */
    public <T> Optional<T> attempt(Supplier<T> part) {
        try {
            return Optional.of(part.get());
        } catch (IllegalArgumentException e) {
            add(e);
            return Optional.empty();
        }
    }

    /**
     * Ends the search.
     *
     * @throws IllegalArgumentException if something is wrong: the only refusal as it was noted, or one that numbers all of them
     */
    public void refuse() {
        if (found.size() == 1) {
            throw found.values().iterator().next();
        }
        if (!found.isEmpty()) {
            StringBuilder text = new StringBuilder().append(found.size()).append(" things are wrong with the settings:");
            int number = 1;
            for (String reason : found.keySet()) {
                text.append(number == 1 ? " (" : "; (").append(number++).append(") ").append(reason);
            }
            IllegalArgumentException all = new IllegalArgumentException(text.toString());
            found.values().forEach(all::addSuppressed);
            throw all;
        }
    }
}

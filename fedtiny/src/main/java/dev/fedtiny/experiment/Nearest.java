package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.check.EditDistance;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody probably meant. */
public final class Nearest {
    private static final int BEGINNING = 2;

    private Nearest() {
    }

    /**
     * The known word of smallest edit distance, unless all are far off; small and capital letters are the same. Words of which one is how
     * the other begins, up to a hyphen, are two letters apart at most.
     *
     * @param typed what somebody wrote
     * @param known the words there are
     * @return the nearest; empty where all differ in more than half of their letters
     */
    public static Optional<String> to(String typed, Collection<String> known) {
        String word = typed.toLowerCase(Locale.ROOT);
        return known.stream().min(Comparator.<String>comparingInt(k -> distance(word, k)).thenComparing(Comparator.naturalOrder()))
                .filter(k -> distance(word, k) <= Math.max(2, word.length() / 2));
    }

    private static int distance(String lowerCase, String anyCase) {
        String word = anyCase.toLowerCase(Locale.ROOT);
        int letters = EditDistance.between(lowerCase, word);
        return lowerCase.startsWith(word + "-") || word.startsWith(lowerCase + "-") ? Math.min(BEGINNING, letters) : letters;
    }
}

package dev.fedtiny.engine.internal.check;

import java.util.Arrays;

/**
 * How far two words are apart: letters to insert, drop or replace, or neighbours to exchange, until one is the other (Damerau and
 * Levenshtein's distance, no letter edited twice). Takes time of one word's length times the other's: who has words from files cuts them.
 */
public final class EditDistance {
    private EditDistance() {
    }

    /** {@return the edits from one word to another} */
    public static int between(String word, String other) {
        return distance(word, other, false);
    }

    /** {@return the fewest edits after which a pattern, in which {@code *} stands for any letters, fits a word} */
    public static int ofPattern(String pattern, String word) {
        return distance(pattern, word, true);
    }

    private static int distance(String a, String b, boolean pattern) {
        int[] before = new int[b.length() + 1];
        int[] previous = new int[b.length() + 1];
        Arrays.setAll(previous, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            char letter = a.charAt(i - 1);
            boolean any = pattern && letter == '*';
            int[] current = new int[b.length() + 1];
            current[0] = previous[0] + (any ? 0 : 1);
            for (int j = 1; j <= b.length(); j++) {
                if (any) {
                    current[j] = Math.min(previous[j], current[j - 1]);
                    continue;
                }
                int replaced = previous[j - 1] + (letter == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
                if (i > 1 && j > 1 && letter == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    current[j] = Math.min(current[j], before[j - 2] + 1);
                }
            }
            before = previous;
            previous = current;
        }
        return previous[b.length()];
    }
}

package dev.fedtiny.engine.internal.check;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What somebody probably meant who named something that is not there. */
public final class Names {
    /** Names that a message lists. */
    private static final int LISTED = 3;
    /** Names and letters that are looked at: both may come from a file that need not be trusted. */
    private static final int MOST = 1000;
    private static final int LONGEST = 200;

    private Names() {
    }

    /**
     * Refuses a name, or a pattern in which {@code *} stands for any characters, that no parameter has: it is probably misspelt.
     *
     * @param fits whether a parameter has it
     * @param who for the message, whose name it is
     * @param wanted the name
     * @param known names of all parameters
     * @throws IllegalArgumentException if none has it; says which ones are nearly
     */
    public static void check(boolean fits, String who, String wanted, List<String> known) {
        if (!fits) {
            throw new IllegalArgumentException(who + ": '" + wanted + "' names none of the network's parameters" + hint(wanted, known));
        }
    }

    /**
     * What was probably meant, as the end of a message.
     *
     * @param wanted a name, or a pattern, that no parameter has
     * @param known names of all parameters
     * @return the nearest ones in quotes, by the letters that differ, of equally near ones the first, and how many there are in all
     */
    public static String hint(String wanted, List<String> known) {
        if (known.isEmpty()) {
            return ", since it has none";
        }
        int[] distances = known.stream().limit(MOST).mapToInt(name -> EditDistance.ofPattern(shortened(wanted), shortened(name))).toArray();
        int least = IntStream.of(distances).min().orElseThrow();
        return "; the nearest are " + IntStream.rangeClosed(least, least + 1).boxed().flatMap(distance -> IntStream
                .range(0, distances.length).filter(i -> distances[i] == distance).mapToObj(known::get)).limit(LISTED)
                .map(name -> "'" + shortened(name) + "'").collect(Collectors.joining(", ")) + " of " + known.size();
    }

    /**
     * Refuses what no file can say: UTF-8 has no half of a surrogate pair. Asked where a name is given, since a file is written when the
     * training is over.
     *
     * @param who for the message, whose name it is
     * @param name not null
     * @return the name
     * @throws IllegalArgumentException that shows the name without its half
     */
    public static String writable(String who, String name) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException(who + " '" + name.replaceAll("\\p{Cs}", "?") + "' has half a surrogate pair where it says "
                    + "'?', which no file can say; give it another name");
        }
        return name;
    }

    private static String shortened(String name) {
        return name.substring(0, Math.min(LONGEST, name.length()));
    }
}

package dev.fedtiny.benchmarks.network;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a federation's server does with an answer beyond reading it, each for a guarantee of its own. The bare transport can do it, too, so
 * that its cost is measured by itself.
 */
public enum Duty {
    /** Work is asked for in a request of its own, and an answer comes in two parts: a slow line is no lost line. */
    TURNS("asked for, in two parts"),
    /** The audit log says which bytes came. */
    HASH("SHA-256 of it"),
    /** An answer outlives the server, until a run is saved: files of a whole round are kept, and written over in the next. */
    FILE("kept in a file"),
    /** Damaged bytes are not used; only with {@link #FILE}. */
    CHECK("read again, CRC-32C");

    private final String words;

    Duty(String words) {
        this.words = words;
    }

    /** For people. */
    public String words() {
        return words;
    }

    /** The path under which the bare transport does some of them. */
    static String path(Set<Duty> duties) {
        return "/" + duties.stream().map(duty -> duty.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining("-"));
    }

    /** What a path says. */
    static Set<Duty> of(String path) {
        EnumSet<Duty> duties = EnumSet.noneOf(Duty.class);
        Arrays.stream(path.substring(1).split("-")).filter(name -> !name.isEmpty())
                .forEach(name -> duties.add(valueOf(name.toUpperCase(Locale.ROOT))));
        return duties;
    }
}

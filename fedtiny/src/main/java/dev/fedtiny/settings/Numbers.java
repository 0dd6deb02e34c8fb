package dev.fedtiny.settings;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The one place where what a user wrote becomes a number: digits 0 to 9, a sign, for decimals a point and an exponent; no NaN, no infinity,
 * no hexadecimal, no suffixes, no digits of other scripts. Every number has a range, and what a {@code double} cannot hold is in none.
 */
public final class Numbers {
    /** The largest count that is taken where nothing else is said. */
    public static final long MOST_WHOLE = 1_000_000_000;
    /** The largest decimal that is taken where nothing else is said; the engine computes in single precision. */
    public static final double MOST_DECIMAL = 1e37;
    /** The smallest magnitude above 0 that is taken: what is smaller would be 0 in single precision, or nearly. */
    public static final double LEAST_DECIMAL = 1e-37;

    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,19}");
    private static final Pattern DECIMAL = Pattern.compile("[+-]?([0-9]{1,400}(\\.[0-9]{0,400})?|\\.[0-9]{1,400})([eE][+-]?[0-9]{1,9})?");

    private Numbers() {
    }

    /**
     * A count and what is counted, for messages.
     *
     * @param count how many there are
     * @param one its name where it is one, which makes its plural with an s
     * @return for example {@code 1 round}, {@code 3 rounds}
     */
    public static String counted(long count, String one) {
        return count + " " + one + (count == 1 ? "" : "s");
    }

    /** Numbers that may be given, of one kind. */
    public sealed interface Range {
        /**
         * Whether a text is one of them.
         *
         * @param text as the user wrote it
         * @return false also where it is no number at all
         */
        boolean holds(String text);
    }

    /**
     * Whole numbers.
     *
     * @param least the smallest
     * @param most the largest
     * @param unit of the number, in words; may be empty
     */
    public record Whole(long least, long most, String unit) implements Range {
        @Override
        public boolean holds(String text) {
            return read(text).isPresent();
        }

        /**
         * The number that a text is; empty if it is none of these. White space around it does not count.
         *
         * @param text as the user wrote it
         * @return the number; empty beyond the range too
         */
        public OptionalLong read(String text) {
            String digits = text.strip();
            if (WHOLE.matcher(digits).matches()) {
                try {
                    long value = Long.parseLong(digits);
                    return value >= least && value <= most ? OptionalLong.of(value) : OptionalLong.empty();
                } catch (NumberFormatException e) {
                    // Nineteen digits can be more than a long holds: out of range.
                    return OptionalLong.empty();
                }
            }
            return OptionalLong.empty();
        }

        /** What is expected, for messages. */
        @Override
        public String toString() {
            String range = least == Long.MIN_VALUE ? "a whole number of 64 bits"
                    : most >= MOST_WHOLE ? "a whole number of at least " + least + (most == MOST_WHOLE ? " and at most " + most : "")
                    : "a whole number from " + least + " to " + most;
            return unit.isEmpty() ? range : range + " (" + unit + ")";
        }
    }

    /**
     * Decimals.
     *
     * @param least the smallest
     * @param leastAllowed whether that itself is one of them
     * @param most the largest
     * @param unit of the number, in words; may be empty
     */
    public record Decimal(double least, boolean leastAllowed, double most, String unit) implements Range {
        /** Bounds the range by what single precision holds. */
        public Decimal {
            most = Math.min(most, MOST_DECIMAL);
        }

        @Override
        public boolean holds(String text) {
            return read(text).isPresent();
        }

        /**
         * The number that a text is; empty if it is none of these. White space around it does not count.
         *
         * @param text as the user wrote it
         * @return the number; empty beyond the range too
         */
        public OptionalDouble read(String text) {
            String digits = text.strip();
            if (!DECIMAL.matcher(digits).matches()) {
                return OptionalDouble.empty();
            }
            double value = Double.parseDouble(digits);
            boolean zero = !digits.split("[eE]")[0].matches(".*[1-9].*");
            boolean inRange = value <= most && (value > least || leastAllowed && value == least);
            // Minus zero is zero.
            return inRange && (zero || Math.abs(value) >= LEAST_DECIMAL) ? OptionalDouble.of(value + 0.0) : OptionalDouble.empty();
        }

        /** What is expected, for messages. */
        @Override
        public String toString() {
            double smallest = leastAllowed || least != 0 ? least : LEAST_DECIMAL;
            String range = "a number " + (leastAllowed ? "of at least " : "above ") + plain(least)
                    + (smallest == LEAST_DECIMAL ? " (" + LEAST_DECIMAL + " or more)" : "")
                    + (most == Math.nextDown(1.0) ? " and below 1" : " and at most " + plain(most));
            return unit.isEmpty() ? range : range + ", " + unit;
        }

        private static String plain(double value) {
            return value == Math.rint(value) && Math.abs(value) < 1e9 ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
        }
    }
}

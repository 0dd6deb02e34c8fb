package dev.fedtiny.engine.internal.json;

/** The grammar of numbers, for text that was read and for text that is to be written. */
final class NumberGrammar {
    private NumberGrammar() {
    }

    /** Length of the number that {@code text} starts with, or -1 if it starts with none. */
    static int end(CharSequence text) {
        int at = 0;
        int length = text.length();
        if (at < length && text.charAt(at) == '-') {
            at++;
        }
        int whole = digits(text, at);
        if (whole == at) {
            return -1;
        }
        // A leading zero stands alone: "01" is the number 0 followed by something else.
        at = text.charAt(at) == '0' ? at + 1 : whole;
        if (at < length && text.charAt(at) == '.') {
            int fraction = digits(text, at + 1);
            if (fraction == at + 1) {
                return -1;
            }
            at = fraction;
        }
        if (at < length && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            int sign = at + 1;
            if (sign < length && (text.charAt(sign) == '+' || text.charAt(sign) == '-')) {
                sign++;
            }
            int exponent = digits(text, sign);
            if (exponent == sign) {
                return -1;
            }
            at = exponent;
        }
        return at;
    }

    private static int digits(CharSequence text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }
}

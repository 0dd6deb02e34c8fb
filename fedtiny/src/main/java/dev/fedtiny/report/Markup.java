package dev.fedtiny.report;

import java.util.Locale;

/** A growing piece of HTML or SVG: text is escaped, numbers have a point and at most two digits behind it. */
final class Markup {
    private final StringBuilder text = new StringBuilder();

    /** Appends markup as it is. */
    Markup raw(String markup) {
        text.append(markup);
        return this;
    }

    /** Appends markup with {@code %s} for texts, which are escaped, and {@code %f} style formats for numbers. */
    Markup format(String markup, Object... values) {
        Object[] safe = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            safe[i] = values[i] instanceof String words ? escaped(words) : values[i];
        }
        text.append(String.format(Locale.ROOT, markup, safe));
        return this;
    }

    static String escaped(String words) {
        StringBuilder escaped = new StringBuilder(words.length());
        for (int i = 0; i < words.length(); i++) {
            char c = words.charAt(i);
            switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(Character.isISOControl(c) && c != '\n' ? ' ' : c);
            }
        }
        return escaped.toString();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

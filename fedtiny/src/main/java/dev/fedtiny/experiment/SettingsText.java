package dev.fedtiny.experiment;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Lines {@code key = value}, as people write them. White space around keys and values does not count. {@code #} begins a comment at the
 * start of a line or of a value, or after white space; elsewhere it belongs to the value. A value in double or single quotes is taken as it
 * stands, comment signs and outer spaces included; the quote itself is written twice in it. Backslashes are characters like all others, but
 * for one after white space at the very end of a line, which goes on in the next line then.
 *
 * <p>Two kinds of files that programs wrote are told apart and read with the escapes of {@link java.util.Properties} ({@code \\ \: \= \#},
 * {@code \}uXXXX): what releases before the format line {@link #FORMAT_LINE} printed, which began with {@link #EARLIER_FIRST_LINE}, and
 * what
 * {@code Properties.store} writes, which begins with a date in a form of its own.
 */
final class SettingsText {
    /** The first line of what this program writes. */
    static final String FORMAT_LINE = "# fedtiny settings, format 2";
    /** How the first line began of what earlier releases wrote. */
    static final String EARLIER_FIRST_LINE = "# fedtiny, fedavg (dense), ";

    private static final Pattern STORED =
            Pattern.compile("#(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \\d{2} \\d{2}:\\d{2}:\\d{2} \\S+ \\d{4}");
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final int SHOWN = 60;

    private final String name;
    private final String[] lines;
    private final boolean escaped;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /**
     * A value and where it stands.
     *
     * @param where the file's name and the line, counted from 1, with a colon between them
     */
    record Entry(String value, String where) {
    }

    private SettingsText(String name, String text) {
        this.name = name;
        lines = (text.startsWith(String.valueOf(BYTE_ORDER_MARK)) ? text.substring(1) : text).split("\r\n|\n|\r", -1);
        escaped = lines[0].startsWith(EARLIER_FIRST_LINE) || STORED.matcher(lines[0].strip()).matches()
                || lines.length > 1 && lines[0].startsWith("#") && STORED.matcher(lines[1].strip()).matches();
    }

    /**
     * The entries of a text, in its order.
     *
     * @param name of its file, for messages
     * @throws IllegalArgumentException naming file and line, if a line is none of these, a value is missing or a key is given twice
     */
    static Map<String, Entry> parse(String name, String text) {
        SettingsText settings = new SettingsText(name, text);
        settings.parse();
        return settings.entries;
    }

    private void parse() {
        for (int i = 0; i < lines.length; i++) {
            int first = i;
            String line = trim(lines[i]);
            if (line.isEmpty() || line.startsWith("#") || line.startsWith("!")) {
                continue;
            }
            if (escaped) {
                while (continuedEscaped(line) && i + 1 < lines.length) {
                    line = line.substring(0, line.length() - 1) + trim(lines[++i]);
                }
                escapedEntry(line, first);
                continue;
            }
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw noAssignment(line, first);
            }
            String value = content(line.substring(equals + 1), first);
            while (continued(value) && i + 1 < lines.length) {
                value = content(value.substring(0, value.length() - 1) + trim(lines[++i]), first);
            }
            put(trim(line.substring(0, equals)), unquoted(value, first), first);
        }
    }

    private void put(String key, String value, int line) {
        if (key.isEmpty()) {
            throw wrong(line, "there is no key before the '='; expected 'key = value'");
        }
        if (value.isEmpty()) {
            throw wrong(line, "'" + key + "' has no value; write one, or leave the line out for the default");
        }
        Entry before = entries.putIfAbsent(key, new Entry(value, where(line)));
        if (before != null) {
            throw wrong(line, "the setting '" + key + "' is given twice, before at " + before.where() + "; keep one of the lines");
        }
    }

    private IllegalArgumentException noAssignment(String line, int number) {
        String shown = line.length() > SHOWN ? line.substring(0, SHOWN) + "..." : line;
        String hint = "";
        String[] words = line.split("[\\s:]+", 2);
        if (words.length == 2 && words[0].matches("[a-z][a-z.-]*")) {
            hint = "; did you mean '" + words[0] + " = " + words[1] + "'?";
        } else if (number > 0 && lines[number - 1].endsWith("\\")) {
            hint = "; the line before goes on in this one only if white space stands before its last backslash";
        }
        return wrong(number, "'" + shown + "' has no '=', expected 'key = value', or a comment after '#'" + hint);
    }

    /** What stands before a comment. A quoted value ends at its closing quote, wherever comment signs are. */
    private String content(String text, int line) {
        String value = trim(text);
        int from = quoted(value) ? closing(value, line) + 1 : 0;
        for (int i = from; i < value.length(); i++) {
            if (value.charAt(i) == '#' && (i == from || isSpace(value.charAt(i - 1)))) {
                return trim(value.substring(0, i));
            }
        }
        return value;
    }

    private String unquoted(String value, int line) {
        if (!quoted(value)) {
            return value;
        }
        int end = closing(value, line);
        if (end < value.length() - 1) {
            throw wrong(line, "there is more after the closing quote: " + value.substring(end + 1).strip()
                    + "; put the whole value into quotes, or none of it");
        }
        String quote = value.substring(0, 1);
        return value.substring(1, end).replace(quote + quote, quote);
    }

    private static boolean quoted(String value) {
        return value.startsWith("\"") || value.startsWith("'");
    }

    private int closing(String value, int line) {
        char quote = value.charAt(0);
        for (int i = 1; i < value.length(); i++) {
            if (value.charAt(i) == quote) {
                if (i + 1 == value.length() || value.charAt(i + 1) != quote) {
                    return i;
                }
                i++;
            }
        }
        throw wrong(line, "the quote " + quote + " is not closed on its line");
    }

    private static boolean continued(String value) {
        int last = value.length() - 1;
        return last >= 0 && value.charAt(last) == '\\' && !quoted(value) && (last == 0 || isSpace(value.charAt(last - 1)));
    }

    private static boolean continuedEscaped(String line) {
        int backslashes = 0;
        while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private void escapedEntry(String line, int number) {
        int equals = 0;
        while (equals < line.length() && line.charAt(equals) != '=') {
            equals += line.charAt(equals) == '\\' ? 2 : 1;
        }
        if (equals >= line.length()) {
            throw noAssignment(line, number);
        }
        put(unescaped(trim(line.substring(0, equals)), number), trim(unescaped(trim(line.substring(equals + 1)), number)), number);
    }

    private String unescaped(String text, int line) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                plain.append(c);
                continue;
            }
            char next = text.charAt(++i);
            switch (next) {
                case 't' -> plain.append('\t');
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 'f' -> plain.append('\f');
                case 'u' -> {
                    String digits = text.substring(i + 1, Math.min(text.length(), i + 5));
                    if (!digits.matches("[0-9A-Fa-f]{4}")) {
                        throw wrong(line, "'\\u" + digits + "' is no character, expected four hexadecimal digits");
                    }
                    plain.append((char) Integer.parseInt(digits, 16));
                    i += 4;
                }
                default -> plain.append(next);
            }
        }
        return plain.toString();
    }

    private String where(int line) {
        return name + ":" + (line + 1);
    }

    private IllegalArgumentException wrong(int line, String what) {
        return new IllegalArgumentException(where(line) + ": " + what);
    }

    /** Also of spaces that {@link String#strip} leaves: those that do not break lines come along when text is copied from pages. */
    private static String trim(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    /** A line that {@link #parse} gives back as it is, white space at the ends apart. */
    static String line(String key, String value) {
        boolean plain = !value.isEmpty() && !quoted(value) && value.equals(trim(value)) && !value.startsWith("#")
                && !value.matches(".*[\\s\\h]#.*") && !continued(value);
        return key + " = " + (plain ? value : '"' + value.replace("\"", "\"\"") + '"') + "\n";
    }
}

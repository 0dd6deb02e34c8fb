package dev.fedtiny.network.server;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which bytes of an answer a request carries.
 *
 * @param from first of them; -1: none, the request asks where to go on
 * @param count how many
 * @param total of the whole answer
 */
record ContentRange(long from, long count, long total) {
    private static final Pattern FORM = Pattern.compile("bytes (?:([0-9]{1,10})-([0-9]{1,10})|\\*)/([0-9]{1,10})");

    /**
     * Reads the header.
     *
     * @throws Refusal if it is not of this form
     */
    static ContentRange parse(String header) throws Refusal {
        Matcher matcher = FORM.matcher(header == null ? "" : header);
        if (!matcher.matches()) {
            throw new Refusal(Refusal.BAD_REQUEST, "the header Content-Range must be 'bytes FIRST-LAST/TOTAL', or 'bytes */TOTAL' to ask "
                    + "where to go on");
        }
        long total = Long.parseLong(matcher.group(3));
        if (matcher.group(1) == null) {
            return new ContentRange(-1, 0, total);
        }
        long from = Long.parseLong(matcher.group(1));
        long last = Long.parseLong(matcher.group(2));
        if (last < from || last >= total) {
            throw new Refusal(Refusal.BAD_REQUEST, "the range " + from + "-" + last + " is none of " + total + " bytes");
        }
        return new ContentRange(from, last - from + 1, total);
    }
}

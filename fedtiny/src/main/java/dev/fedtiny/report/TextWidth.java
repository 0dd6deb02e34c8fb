package dev.fedtiny.report;

/**
 * How wide a text is about, in a figure that cannot measure it: browsers have fonts of their own. The widths are those of a wide one
 * (DejaVu Sans, which many systems without Arial and the like take) at the figures' 12 points, so that texts have room in all.
 */
final class TextWidth {
    /** Points of the font that the widths are of. */
    private static final double POINTS = 12;
    private static final String NARROW = "iljI.,:;|'!()[]/ ";
    private static final String WIDE = "mwMW%@…";
    private static final double NARROW_LETTER = 4.3;
    private static final double LETTER = 7.3;
    private static final double CAPITAL = 8.3;
    private static final double WIDE_LETTER = 11.4;

    private TextWidth() {
    }

    /** {@return about how wide it is at 12 points} */
    static double of(String text) {
        return text.codePoints().mapToDouble(TextWidth::letter).sum();
    }

    private static double letter(int code) {
        if (NARROW.indexOf(code) >= 0) {
            return NARROW_LETTER;
        }
        if (WIDE.indexOf(code) >= 0) {
            return WIDE_LETTER;
        }
        return Character.isUpperCase(code) || Character.isIdeographic(code) ? CAPITAL : LETTER;
    }

    /** {@return the text, or as much of its beginning as has room, with an ellipsis} */
    static String shortened(String text, double width) {
        if (of(text) <= width) {
            return text;
        }
        int end = text.length() - 1;
        while (end > 1 && of(text.substring(0, end) + "…") > width) {
            end--;
        }
        return text.substring(0, end) + "…";
    }
}

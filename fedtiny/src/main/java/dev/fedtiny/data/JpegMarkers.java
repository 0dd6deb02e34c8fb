package dev.fedtiny.data;

import java.util.ArrayList;
import java.util.List;

/**
 * What the markers of a JPEG file say (ITU-T T.81, annex B): of what Java's decoder reads without a word although its pixels are not those
 * of the image. O(bytes).
 *
 * @param components identifiers of what a pixel has: one for grey, three for colours, four for inks
 * @param told whether a JFIF or an Adobe segment says what three components are
 * @param unheeded where the names of segments begin that the decoder must not go by: colour profiles, by which it would convert, and what
 *        Adobe says where JFIF says already that three components are a brightness and two colours (libjpeg does not look there, either)
 * @param ended whether the end of the image is there; what is missing of one that was cut off would be grey
 */
record JpegMarkers(List<Integer> components, boolean told, List<Integer> unheeded, boolean ended) {
    private static final int END = 0xd9;
    private static final int FIRST_FRAME = 0xc0;
    private static final int LAST_FRAME = 0xcf;
    /** Tables and an extension among the codes of frames. */
    private static final List<Integer> NO_FRAMES = List.of(0xc4, 0xc8, 0xcc);
    private static final int FIRST_ALONE = 0xd0;
    private static final int LAST_ALONE = 0xd8;
    private static final int JFIF = 0xe0;
    private static final int PROFILE = 0xe2;
    private static final int ADOBE = 0xee;
    /** Where in a segment its name stands, and where a frame's number of components. */
    private static final int NAME = 4;
    private static final int FRAME_COMPONENTS = 9;
    private static final List<Integer> NUMBERED = List.of(1, 2, 3);
    private static final List<Integer> LETTERS = List.of((int) 'R', (int) 'G', (int) 'B');

    /** Follows the markers to the end of the image, or as far as they go; of what is no JPEG file, nothing is known. */
    static JpegMarkers of(byte[] file) {
        List<Integer> components = new ArrayList<>();
        List<Integer> profiles = new ArrayList<>();
        List<Integer> adobe = new ArrayList<>();
        boolean jfif = false;
        int at = 2;
        while (at + 1 < file.length) {
            int code = file[at] == (byte) 0xff ? file[at + 1] & 0xff : 0;
            if (code == END) {
                return of(components, jfif, adobe, profiles, true);
            }
            if (code == 0 || code == 0xff || code == 1 || code >= FIRST_ALONE && code <= LAST_ALONE) {
                // Packed pixels, a filling byte, or a marker without a segment.
                at += code == 0 || code == 0xff ? 1 : 2;
                continue;
            }
            jfif |= begins(file, at, code, JFIF, "JFIF");
            if (begins(file, at, code, ADOBE, "Adobe")) {
                adobe.add(at + NAME);
            }
            if (begins(file, at, code, PROFILE, "ICC_PROFILE")) {
                profiles.add(at + NAME);
            }
            if (code >= FIRST_FRAME && code <= LAST_FRAME && !NO_FRAMES.contains(code) && components.isEmpty()) {
                for (int i = 0; i < number(file, at + FRAME_COMPONENTS, 1); i++) {
                    components.add(number(file, at + FRAME_COMPONENTS + 1 + 3 * i, 1));
                }
            }
            at += 2 + number(file, at + 2, 2);
        }
        return of(components, jfif, adobe, profiles, false);
    }

    private static JpegMarkers of(List<Integer> components, boolean jfif, List<Integer> adobe, List<Integer> profiles, boolean ended) {
        List<Integer> unheeded = new ArrayList<>(profiles);
        if (jfif && components.size() == NUMBERED.size()) {
            unheeded.addAll(adobe);
        }
        return new JpegMarkers(List.copyOf(components), jfif || !adobe.isEmpty(), List.copyOf(unheeded), ended);
    }

    private static boolean begins(byte[] file, int at, int code, int wanted, String name) {
        boolean same = code == wanted;
        for (int i = 0; i < name.length(); i++) {
            same &= number(file, at + NAME + i, 1) == name.charAt(i);
        }
        return same;
    }

    /** Big-endian; 0 behind the end. */
    private static int number(byte[] file, int at, int bytes) {
        int number = 0;
        for (int i = 0; i < bytes; i++) {
            number = number << 8 | (at + i < file.length ? file[at + i] & 0xff : 0);
        }
        return number;
    }

    /** Whether a pixel is a grey value or three colours; of three, decoders must agree what they are. */
    boolean readable() {
        return components.size() == 1 || components.size() == 3 && (told || components.equals(NUMBERED) || components.equals(LETTERS));
    }
}

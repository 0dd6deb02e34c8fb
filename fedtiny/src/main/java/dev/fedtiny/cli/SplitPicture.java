package dev.fedtiny.cli;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A split between devices as a picture of characters: a row a device with its number of images, a column a class, the darker the more
 * images of it the device has. Of many devices some are shown, at equal distances from the smallest to the largest; of many classes
 * neighbours share a column.
 */
final class SplitPicture {
    private static final int MOST_ROWS = 24;
    private static final int MOST_COLUMNS = 50;
    private static final int BAR = 20;
    private static final String SHADES = " ░▒▓█";
    private static final String PLAIN_SHADES = " .:*#";

    private final int[][] histogram;
    private final int[] sizes;
    private final boolean plain;

    /**
     * A picture of a split.
     *
     * @param histogram images by device and class
     * @param charset of what it is printed to; where it has no shades, letters stand for them
     */
    SplitPicture(int[][] histogram, Charset charset) {
        this.histogram = histogram;
        this.sizes = Arrays.stream(histogram).mapToInt(counts -> Arrays.stream(counts).sum()).toArray();
        this.plain = !charset.canEncode() || !charset.newEncoder().canEncode(SHADES);
    }

    /** Devices that have a row: all in their order, or some by size. */
    private int[] rows() {
        if (sizes.length <= MOST_ROWS) {
            return IntStream.range(0, sizes.length).toArray();
        }
        int[] bySize = IntStream.range(0, sizes.length).boxed().sorted(Comparator.comparingInt(device -> sizes[device]))
                .mapToInt(Integer::intValue).toArray();
        return IntStream.range(0, MOST_ROWS).map(row -> bySize[(int) ((long) row * (sizes.length - 1) / (MOST_ROWS - 1))]).toArray();
    }

    /** Images of a device in each column. */
    private int[] columns(int device) {
        int classes = histogram[device].length;
        int[] columns = new int[Math.min(classes, MOST_COLUMNS)];
        for (int c = 0; c < classes; c++) {
            columns[(int) ((long) c * columns.length / classes)] += histogram[device][c];
        }
        return columns;
    }

    private static String line(int device, int size) {
        return String.format(Locale.ROOT, "%8d %7d  ", device, size);
    }

    @Override
    public String toString() {
        int[] rows = rows();
        int most = Arrays.stream(rows).flatMap(device -> Arrays.stream(columns(device))).max().orElse(1);
        int largest = Arrays.stream(sizes).max().orElse(1);
        int classes = histogram[0].length;
        int columns = Math.min(classes, MOST_COLUMNS);
        String shades = plain ? PLAIN_SHADES : SHADES;
        StringBuilder text = new StringBuilder(sizes.length == rows.length ? "" : rows.length + " of " + sizes.length
                + " devices, from the smallest to the largest" + System.lineSeparator());
        int cell = classes <= 20 ? 3 : 1;
        String heading = columns == classes ? "class 0 to " + (classes - 1) : "class 0 to " + (classes - 1) + ", several a column";
        text.append("  device  images  ").append(heading).append(System.lineSeparator());
        for (int device : rows) {
            StringBuilder row = new StringBuilder(line(device, sizes[device]));
            for (int count : columns(device)) {
                // 0 is empty; one image is not.
                int shade = count == 0 ? 0 : 1 + (int) Math.min(shades.length() - 2, (long) (shades.length() - 1) * count / (most + 1L));
                row.append(String.valueOf(shades.charAt(shade)).repeat(cell));
            }
            row.append(plain ? " |" : " ▏").append((plain ? "=" : "▬").repeat((int) Math.ceilDiv((long) BAR * sizes[device], largest)));
            text.append(row.toString().stripTrailing()).append(System.lineSeparator());
        }
        int[] sorted = sizes.clone();
        Arrays.sort(sorted);
        double classesSeen = Arrays.stream(histogram).mapToLong(counts -> Arrays.stream(counts).filter(count -> count > 0).count())
                .average().orElse(0);
        return text.append(String.format(Locale.ROOT, "images a device: least %d, median %d, most %d; %.1f of %d classes a device; "
                + "darkest: %d images%n", sorted[0], sorted[sorted.length / 2], sorted[sorted.length - 1], classesSeen, classes, most))
                .toString();
    }
}

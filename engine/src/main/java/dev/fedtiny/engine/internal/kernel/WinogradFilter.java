package dev.fedtiny.engine.internal.kernel;

/** Filters as {@link WinogradKernel} reads them: {@code G·g·Gᵀ} with G = (1 0 0, ½ ½ ½, ½ −½ ½, 0 0 1). */
public final class WinogradFilter {
    private static final int PACK = WinogradKernel.PACK;

    private WinogradFilter() {
    }

    /** Position of point 0 of filter (row, channel); points are {@link #plane} floats apart. */
    public static int position(int row, int channel, int channels) {
        return (row / PACK * channels + channel) * PACK + row % PACK;
    }

    /** Floats between the points of a pack of all filters. */
    public static int plane(int rows, int channels) {
        return Math.ceilDiv(rows, PACK) * channels * PACK;
    }

    /**
     * Transforms the nine taps g(r, s), flat, which lie at the first nine points of their own place.
     *
     * @param at point 0 of the filter
     */
    public static void transform(float[] filters, int at, int plane) {
        float g0 = filters[at];
        float g1 = filters[at + plane];
        float g2 = filters[at + 2 * plane];
        float g3 = filters[at + 3 * plane];
        float g4 = filters[at + 4 * plane];
        float g5 = filters[at + 5 * plane];
        float g6 = filters[at + 6 * plane];
        float g7 = filters[at + 7 * plane];
        float g8 = filters[at + 8 * plane];
        transform(g0, g1, g2, g3, g4, g5, g6, g7, g8, filters, at, plane);
    }

    /** Transforms nine taps. */
    public static void transform(float g0, float g1, float g2, float g3, float g4, float g5, float g6, float g7, float g8, float[] filters,
            int at, int plane) {
        row(g0, g1, g2, filters, at, plane);
        // Outer taps first: a filter turned round gives the same bits.
        row(0.5f * (g0 + g6) + 0.5f * g3, 0.5f * (g1 + g7) + 0.5f * g4, 0.5f * (g2 + g8) + 0.5f * g5, filters, at + 4 * plane, plane);
        row(0.5f * (g0 + g6) - 0.5f * g3, 0.5f * (g1 + g7) - 0.5f * g4, 0.5f * (g2 + g8) - 0.5f * g5, filters, at + 8 * plane, plane);
        row(g6, g7, g8, filters, at + 12 * plane, plane);
    }

    private static void row(float a, float b, float c, float[] filters, int at, int plane) {
        float outer = 0.5f * (a + c);
        float inner = 0.5f * b;
        filters[at] = a;
        filters[at + plane] = outer + inner;
        filters[at + 2 * plane] = outer - inner;
        filters[at + 3 * plane] = c;
    }

    /** The gradient of nine taps from that of the transformed filter: {@code Gᵀ·u·G}. */
    static void gradient(float[] u, int at, int plane, float[] gradient, int to) {
        for (int tap = 0; tap < 3; tap++) {
            float a = column(u, at, plane, tap);
            float b = column(u, at + plane, plane, tap);
            float c = column(u, at + 2 * plane, plane, tap);
            float d = column(u, at + 3 * plane, plane, tap);
            gradient[to + 3 * tap] = a + 0.5f * (b + c);
            gradient[to + 3 * tap + 1] = 0.5f * (b - c);
            gradient[to + 3 * tap + 2] = 0.5f * (b + c) + d;
        }
    }

    /** One row of Gᵀ times a column of points. */
    private static float column(float[] u, int at, int plane, int row) {
        float b = u[at + 4 * plane];
        float c = u[at + 8 * plane];
        return switch (row) {
            case 0 -> u[at] + 0.5f * (b + c);
            case 1 -> 0.5f * (b - c);
            default -> 0.5f * (b + c) + u[at + 12 * plane];
        };
    }

    /** The point that a point of a filter turned by half a circle comes from: its taps, and so G's outer rows, change places. */
    public static int turned(int point) {
        int row = point >> 2;
        int column = point & 3;
        return 4 * turnedRow(row) + turnedRow(column);
    }

    private static int turnedRow(int row) {
        return row == 0 || row == 3 ? 3 - row : row;
    }
}

package dev.fedtiny.engine.internal.kernel;

/** Where {@link WinogradKernel} reads filters, and what becomes of one: {@code G·g·Gᵀ} with G = (1 0 0, ½ ½ ½, ½ −½ ½, 0 0 1), and back. */
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
        return Math.ceilDiv(rows, PACK) * channels * PACK + WinogradKernel.GAP;
    }

    /** Transforms nine taps g(r, s), flat, which lie at the first nine points of their own place. */
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

    /** The gradient of nine taps from that of the transformed filter, {@code Gᵀ·u·G}, written to the first nine points of its place. */
    public static void gradient(float[] u, int at, int plane) {
        float a0 = column(u, at, plane, 0);
        float a1 = column(u, at + plane, plane, 0);
        float a2 = column(u, at + 2 * plane, plane, 0);
        float a3 = column(u, at + 3 * plane, plane, 0);
        float b0 = column(u, at, plane, 1);
        float b1 = column(u, at + plane, plane, 1);
        float b2 = column(u, at + 2 * plane, plane, 1);
        float b3 = column(u, at + 3 * plane, plane, 1);
        float c0 = column(u, at, plane, 2);
        float c1 = column(u, at + plane, plane, 2);
        float c2 = column(u, at + 2 * plane, plane, 2);
        float c3 = column(u, at + 3 * plane, plane, 2);
        taps(a0, a1, a2, a3, u, at, plane);
        taps(b0, b1, b2, b3, u, at + 3 * plane, plane);
        taps(c0, c1, c2, c3, u, at + 6 * plane, plane);
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

    private static void taps(float a, float b, float c, float d, float[] u, int at, int plane) {
        u[at] = a + 0.5f * (b + c);
        u[at + plane] = 0.5f * (b - c);
        u[at + 2 * plane] = 0.5f * (b + c) + d;
    }

    /** The point that a point of a filter turned by half a circle comes from: its taps, and so G's outer rows, change places. */
    public static int turned(int point) {
        return 4 * turnedRow(point >> 2) + turnedRow(point & 3);
    }

    private static int turnedRow(int row) {
        return row == 0 || row == 3 ? 3 - row : row;
    }
}

package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;

import dev.fedtiny.engine.internal.kernel.ProbeKernel;

/** The limits of plain loops. */
public final class ScalarProbeKernel implements ProbeKernel {
    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public float multiplyAdds(int rounds, float factor, float summand) {
        float a = 0;
        float b = 1;
        float c = 2;
        float d = 3;
        float e = 4;
        float f = 5;
        float g = 6;
        float h = 7;
        float i = 8;
        float j = 9;
        for (int round = 0; round < rounds; round++) {
            a = multiplyAdd(a, factor, summand);
            b = multiplyAdd(b, factor, summand);
            c = multiplyAdd(c, factor, summand);
            d = multiplyAdd(d, factor, summand);
            e = multiplyAdd(e, factor, summand);
            f = multiplyAdd(f, factor, summand);
            g = multiplyAdd(g, factor, summand);
            h = multiplyAdd(h, factor, summand);
            i = multiplyAdd(i, factor, summand);
            j = multiplyAdd(j, factor, summand);
        }
        return a + b + c + d + e + f + g + h + i + j;
    }

    @Override
    public float read(float[] data, int from, int to) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int i = from; i < to; i += 4) {
            a += data[i];
            b += data[i + 1];
            c += data[i + 2];
            d += data[i + 3];
        }
        return a + b + c + d;
    }

    @Override
    public void copy(float[] x, float[] y, int from, int to) {
        for (int i = from; i < to; i++) {
            y[i] = x[i];
        }
    }
}

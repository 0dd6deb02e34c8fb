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
    public float multiplyAdds(int rounds, float left, float right) {
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
            a = multiplyAdd(left, right, a);
            b = multiplyAdd(left, right, b);
            c = multiplyAdd(left, right, c);
            d = multiplyAdd(left, right, d);
            e = multiplyAdd(left, right, e);
            f = multiplyAdd(left, right, f);
            g = multiplyAdd(left, right, g);
            h = multiplyAdd(left, right, h);
            i = multiplyAdd(left, right, i);
            j = multiplyAdd(left, right, j);
        }
        return a + b + c + d + e + f + g + h + i + j;
    }

    @Override
    public float fedMultiplyAdds(float[] data, int from, int to, int passes, int shift, float[] weights) {
        float weight = weights[0];
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        float e = 0;
        float f = 0;
        float g = 0;
        float h = 0;
        float i = 0;
        float j = 0;
        float k = 0;
        float l = 0;
        for (int pass = 0; pass < passes; pass++) {
            int first = from + (pass % 3 == 1 ? shift : 0);
            for (int at = first; at < first + to - from; at += FED_CHAINS) {
                a = multiplyAdd(weight, data[at], a);
                b = multiplyAdd(weight, data[at + 1], b);
                c = multiplyAdd(weight, data[at + 2], c);
                d = multiplyAdd(weight, data[at + 3], d);
                e = multiplyAdd(weight, data[at + 4], e);
                f = multiplyAdd(weight, data[at + 5], f);
                g = multiplyAdd(weight, data[at + 6], g);
                h = multiplyAdd(weight, data[at + 7], h);
                i = multiplyAdd(weight, data[at + 8], i);
                j = multiplyAdd(weight, data[at + 9], j);
                k = multiplyAdd(weight, data[at + 10], k);
                l = multiplyAdd(weight, data[at + 11], l);
            }
        }
        return a + b + c + d + e + f + g + h + i + j + k + l;
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

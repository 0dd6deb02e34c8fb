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
    public float fedMultiplyAdds(float[] data, int from, int to, float weight) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int i = from; i < to; i += 4) {
            a = multiplyAdd(weight, data[i], a);
            b = multiplyAdd(weight, data[i + 1], b);
            c = multiplyAdd(weight, data[i + 2], c);
            d = multiplyAdd(weight, data[i + 3], d);
        }
        return a + b + c + d;
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

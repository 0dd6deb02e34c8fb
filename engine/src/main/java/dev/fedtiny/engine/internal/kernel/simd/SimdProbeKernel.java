package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.LENGTH;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;

import dev.fedtiny.engine.internal.kernel.ProbeKernel;
import jdk.incubator.vector.FloatVector;

/** The limits of vector loops. */
public final class SimdProbeKernel implements ProbeKernel {
    @Override
    public int lanes() {
        return LENGTH;
    }

    @Override
    public float multiplyAdds(int rounds, float left, float right) {
        FloatVector x = FloatVector.broadcast(FLOATS, left);
        FloatVector y = FloatVector.broadcast(FLOATS, right);
        FloatVector a = FloatVector.broadcast(FLOATS, 0);
        FloatVector b = FloatVector.broadcast(FLOATS, 1);
        FloatVector c = FloatVector.broadcast(FLOATS, 2);
        FloatVector d = FloatVector.broadcast(FLOATS, 3);
        FloatVector e = FloatVector.broadcast(FLOATS, 4);
        FloatVector f = FloatVector.broadcast(FLOATS, 5);
        FloatVector g = FloatVector.broadcast(FLOATS, 6);
        FloatVector h = FloatVector.broadcast(FLOATS, 7);
        FloatVector i = FloatVector.broadcast(FLOATS, 8);
        FloatVector j = FloatVector.broadcast(FLOATS, 9);
        for (int round = 0; round < rounds; round++) {
            a = multiplyAdd(x, y, a);
            b = multiplyAdd(x, y, b);
            c = multiplyAdd(x, y, c);
            d = multiplyAdd(x, y, d);
            e = multiplyAdd(x, y, e);
            f = multiplyAdd(x, y, f);
            g = multiplyAdd(x, y, g);
            h = multiplyAdd(x, y, h);
            i = multiplyAdd(x, y, i);
            j = multiplyAdd(x, y, j);
        }
        return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).lane(0);
    }

    @Override
    public float read(float[] data, int from, int to) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = FloatVector.zero(FLOATS);
        FloatVector c = FloatVector.zero(FLOATS);
        FloatVector d = FloatVector.zero(FLOATS);
        FloatVector e = FloatVector.zero(FLOATS);
        FloatVector f = FloatVector.zero(FLOATS);
        FloatVector g = FloatVector.zero(FLOATS);
        FloatVector h = FloatVector.zero(FLOATS);
        for (int i = from; i < to; i += 8 * LENGTH) {
            a = a.add(FloatVector.fromArray(FLOATS, data, i));
            b = b.add(FloatVector.fromArray(FLOATS, data, i + LENGTH));
            c = c.add(FloatVector.fromArray(FLOATS, data, i + 2 * LENGTH));
            d = d.add(FloatVector.fromArray(FLOATS, data, i + 3 * LENGTH));
            e = e.add(FloatVector.fromArray(FLOATS, data, i + 4 * LENGTH));
            f = f.add(FloatVector.fromArray(FLOATS, data, i + 5 * LENGTH));
            g = g.add(FloatVector.fromArray(FLOATS, data, i + 6 * LENGTH));
            h = h.add(FloatVector.fromArray(FLOATS, data, i + 7 * LENGTH));
        }
        return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).lane(0);
    }

    @Override
    public void copy(float[] x, float[] y, int from, int to) {
        for (int i = from; i < to; i += LENGTH) {
            FloatVector.fromArray(FLOATS, x, i).intoArray(y, i);
        }
    }
}

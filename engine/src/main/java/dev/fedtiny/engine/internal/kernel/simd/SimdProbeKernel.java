package dev.fedtiny.engine.internal.kernel.simd;

import dev.fedtiny.engine.internal.kernel.FusedMultiply;
import dev.fedtiny.engine.internal.kernel.ProbeKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The limits of vector loops, of the widest vectors that kernels use. */
public final class SimdProbeKernel implements ProbeKernel {
    private static final VectorSpecies<Float> FLOATS = Species512.PREFERRED ? Species512.FLOATS512 : Species.FLOATS;
    private static final Class<? extends FloatVector> EXACT = Species512.PREFERRED ? Species512.EXACT : Species.EXACT;
    private static final int LENGTH = FLOATS.length();

    @Override
    public int lanes() {
        return LENGTH;
    }

    @Override
    public float multiplyAdds(int rounds, float left, float right) {
        FloatVector x = FloatVector.broadcast(FLOATS, left);
        FloatVector y = FloatVector.broadcast(FLOATS, right);
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, 0));
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
        return EXACT.cast(a).add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).lane(0);
    }

    private static FloatVector multiplyAdd(FloatVector a, FloatVector b, FloatVector c) {
        return FusedMultiply.FUSED ? EXACT.cast(a).fma(b, c) : EXACT.cast(a).mul(b).add(c);
    }

    @Override
    public float fedMultiplyAdds(float[] data, int from, int to, float weight) {
        FloatVector w = FloatVector.broadcast(FLOATS, weight);
        FloatVector a = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int i = from; i < to; i += 8 * LENGTH) {
            a = multiplyAdd(w, FloatVector.fromArray(FLOATS, data, i), a);
            b = multiplyAdd(w, FloatVector.fromArray(FLOATS, data, i + LENGTH), b);
            c = multiplyAdd(w, FloatVector.fromArray(FLOATS, data, i + 2 * LENGTH), c);
            d = multiplyAdd(w, FloatVector.fromArray(FLOATS, data, i + 3 * LENGTH), d);
            e = multiplyAdd(w, FloatVector.fromArray(FLOATS, data, i + 4 * LENGTH), e);
            f = multiplyAdd(w, FloatVector.fromArray(FLOATS, data, i + 5 * LENGTH), f);
            g = multiplyAdd(w, FloatVector.fromArray(FLOATS, data, i + 6 * LENGTH), g);
            h = multiplyAdd(w, FloatVector.fromArray(FLOATS, data, i + 7 * LENGTH), h);
        }
        return EXACT.cast(a).add(b).add(c).add(d).add(e).add(f).add(g).add(h).lane(0);
    }

    @Override
    public float read(float[] data, int from, int to) {
        FloatVector a = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector b = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector c = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector d = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector e = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector f = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector g = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector h = EXACT.cast(FloatVector.zero(FLOATS));
        for (int i = from; i < to; i += 8 * LENGTH) {
            a = EXACT.cast(a).add(FloatVector.fromArray(FLOATS, data, i));
            b = EXACT.cast(b).add(FloatVector.fromArray(FLOATS, data, i + LENGTH));
            c = EXACT.cast(c).add(FloatVector.fromArray(FLOATS, data, i + 2 * LENGTH));
            d = EXACT.cast(d).add(FloatVector.fromArray(FLOATS, data, i + 3 * LENGTH));
            e = EXACT.cast(e).add(FloatVector.fromArray(FLOATS, data, i + 4 * LENGTH));
            f = EXACT.cast(f).add(FloatVector.fromArray(FLOATS, data, i + 5 * LENGTH));
            g = EXACT.cast(g).add(FloatVector.fromArray(FLOATS, data, i + 6 * LENGTH));
            h = EXACT.cast(h).add(FloatVector.fromArray(FLOATS, data, i + 7 * LENGTH));
        }
        return EXACT.cast(a).add(b).add(c).add(d).add(e).add(f).add(g).add(h).lane(0);
    }

    @Override
    public void copy(float[] x, float[] y, int from, int to) {
        for (int i = from; i < to; i += LENGTH) {
            EXACT.cast(FloatVector.fromArray(FLOATS, x, i)).intoArray(y, i);
        }
    }
}

// Generated from engine/src/templates/SimdProbeKernels.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import dev.fedtiny.engine.internal.kernel.FusedMultiply;
import dev.fedtiny.engine.internal.kernel.ProbeKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The limits of vector loops: of those of the widest vectors that kernels use, and of those of most loops ({@link Species}). */
public final class SimdProbeKernels {
    private SimdProbeKernels() {
    }

    /** Loops of 512 bits, or of as many as {@link Species#loopBits}. */
    public static ProbeKernel of(int bits) {
        return bits >= 512 ? new Wide() : new Narrow();
    }

    /** On {@link Species#FLOATS}. */
    private static final class Narrow implements ProbeKernel {
        private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
        private static final Class<? extends FloatVector> EXACT = Species.EXACT;
        private static final int LENGTH = FLOATS.length();

        @Override
        public int lanes() {
            return LENGTH;
        }

        @Override
        public float multiplyAdds(int rounds, float left, float right) {
            FloatVector x = FloatVector.broadcast(FLOATS, left);
            FloatVector y = FloatVector.broadcast(FLOATS, right);
            FloatVector s0 = EXACT.cast(FloatVector.broadcast(FLOATS, 0));
            FloatVector s1 = EXACT.cast(FloatVector.broadcast(FLOATS, 1));
            FloatVector s2 = EXACT.cast(FloatVector.broadcast(FLOATS, 2));
            FloatVector s3 = EXACT.cast(FloatVector.broadcast(FLOATS, 3));
            FloatVector s4 = EXACT.cast(FloatVector.broadcast(FLOATS, 4));
            FloatVector s5 = EXACT.cast(FloatVector.broadcast(FLOATS, 5));
            FloatVector s6 = EXACT.cast(FloatVector.broadcast(FLOATS, 6));
            FloatVector s7 = EXACT.cast(FloatVector.broadcast(FLOATS, 7));
            FloatVector s8 = EXACT.cast(FloatVector.broadcast(FLOATS, 8));
            FloatVector s9 = EXACT.cast(FloatVector.broadcast(FLOATS, 9));
            for (int round = 0; round < rounds; round++) {
                s0 = FusedMultiply.FUSED ? EXACT.cast(x).fma(y, s0) : EXACT.cast(x).mul(y).add(s0);
                s1 = FusedMultiply.FUSED ? EXACT.cast(x).fma(y, s1) : EXACT.cast(x).mul(y).add(s1);
                s2 = FusedMultiply.FUSED ? EXACT.cast(x).fma(y, s2) : EXACT.cast(x).mul(y).add(s2);
                s3 = FusedMultiply.FUSED ? EXACT.cast(x).fma(y, s3) : EXACT.cast(x).mul(y).add(s3);
                s4 = FusedMultiply.FUSED ? EXACT.cast(x).fma(y, s4) : EXACT.cast(x).mul(y).add(s4);
                s5 = FusedMultiply.FUSED ? EXACT.cast(x).fma(y, s5) : EXACT.cast(x).mul(y).add(s5);
                s6 = FusedMultiply.FUSED ? EXACT.cast(x).fma(y, s6) : EXACT.cast(x).mul(y).add(s6);
                s7 = FusedMultiply.FUSED ? EXACT.cast(x).fma(y, s7) : EXACT.cast(x).mul(y).add(s7);
                s8 = FusedMultiply.FUSED ? EXACT.cast(x).fma(y, s8) : EXACT.cast(x).mul(y).add(s8);
                s9 = FusedMultiply.FUSED ? EXACT.cast(x).fma(y, s9) : EXACT.cast(x).mul(y).add(s9);
            }
            FloatVector sum = EXACT.cast(s0);
            sum = EXACT.cast(sum).add(s1);
            sum = EXACT.cast(sum).add(s2);
            sum = EXACT.cast(sum).add(s3);
            sum = EXACT.cast(sum).add(s4);
            sum = EXACT.cast(sum).add(s5);
            sum = EXACT.cast(sum).add(s6);
            sum = EXACT.cast(sum).add(s7);
            sum = EXACT.cast(sum).add(s8);
            sum = EXACT.cast(sum).add(s9);
            return EXACT.cast(sum).lane(0);
        }

        @Override
        public float fedMultiplyAdds(float[] data, int from, int to, int passes, int shift, float[] weights) {
            FloatVector w = FloatVector.fromArray(FLOATS, weights, 0);
            FloatVector s0 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s1 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s2 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s3 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s4 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s5 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s6 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s7 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s8 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s9 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s10 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s11 = EXACT.cast(FloatVector.zero(FLOATS));
            for (int pass = 0; pass < passes; pass++) {
                int first = from + (pass % 3 == 1 ? shift : 0);
                for (int at = first; at < first + to - from; at += FED_CHAINS * LENGTH) {
                    FloatVector x0 = FloatVector.fromArray(FLOATS, data, at);
                    s0 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x0, s0) : EXACT.cast(w).mul(x0).add(s0);
                    FloatVector x1 = FloatVector.fromArray(FLOATS, data, at + LENGTH);
                    s1 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x1, s1) : EXACT.cast(w).mul(x1).add(s1);
                    FloatVector x2 = FloatVector.fromArray(FLOATS, data, at + 2 * LENGTH);
                    s2 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x2, s2) : EXACT.cast(w).mul(x2).add(s2);
                    FloatVector x3 = FloatVector.fromArray(FLOATS, data, at + 3 * LENGTH);
                    s3 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x3, s3) : EXACT.cast(w).mul(x3).add(s3);
                    FloatVector x4 = FloatVector.fromArray(FLOATS, data, at + 4 * LENGTH);
                    s4 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x4, s4) : EXACT.cast(w).mul(x4).add(s4);
                    FloatVector x5 = FloatVector.fromArray(FLOATS, data, at + 5 * LENGTH);
                    s5 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x5, s5) : EXACT.cast(w).mul(x5).add(s5);
                    FloatVector x6 = FloatVector.fromArray(FLOATS, data, at + 6 * LENGTH);
                    s6 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x6, s6) : EXACT.cast(w).mul(x6).add(s6);
                    FloatVector x7 = FloatVector.fromArray(FLOATS, data, at + 7 * LENGTH);
                    s7 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x7, s7) : EXACT.cast(w).mul(x7).add(s7);
                    FloatVector x8 = FloatVector.fromArray(FLOATS, data, at + 8 * LENGTH);
                    s8 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x8, s8) : EXACT.cast(w).mul(x8).add(s8);
                    FloatVector x9 = FloatVector.fromArray(FLOATS, data, at + 9 * LENGTH);
                    s9 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x9, s9) : EXACT.cast(w).mul(x9).add(s9);
                    FloatVector x10 = FloatVector.fromArray(FLOATS, data, at + 10 * LENGTH);
                    s10 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x10, s10) : EXACT.cast(w).mul(x10).add(s10);
                    FloatVector x11 = FloatVector.fromArray(FLOATS, data, at + 11 * LENGTH);
                    s11 = FusedMultiply.FUSED ? EXACT.cast(w).fma(x11, s11) : EXACT.cast(w).mul(x11).add(s11);
                }
            }
            FloatVector sum = EXACT.cast(s0);
            sum = EXACT.cast(sum).add(s1);
            sum = EXACT.cast(sum).add(s2);
            sum = EXACT.cast(sum).add(s3);
            sum = EXACT.cast(sum).add(s4);
            sum = EXACT.cast(sum).add(s5);
            sum = EXACT.cast(sum).add(s6);
            sum = EXACT.cast(sum).add(s7);
            sum = EXACT.cast(sum).add(s8);
            sum = EXACT.cast(sum).add(s9);
            sum = EXACT.cast(sum).add(s10);
            sum = EXACT.cast(sum).add(s11);
            return EXACT.cast(sum).lane(0);
        }

        @Override
        public float read(float[] data, int from, int to) {
            FloatVector s0 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s1 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s2 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s3 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s4 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s5 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s6 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s7 = EXACT.cast(FloatVector.zero(FLOATS));
            for (int at = from; at < to; at += 8 * LENGTH) {
                s0 = EXACT.cast(s0).add(FloatVector.fromArray(FLOATS, data, at));
                s1 = EXACT.cast(s1).add(FloatVector.fromArray(FLOATS, data, at + LENGTH));
                s2 = EXACT.cast(s2).add(FloatVector.fromArray(FLOATS, data, at + 2 * LENGTH));
                s3 = EXACT.cast(s3).add(FloatVector.fromArray(FLOATS, data, at + 3 * LENGTH));
                s4 = EXACT.cast(s4).add(FloatVector.fromArray(FLOATS, data, at + 4 * LENGTH));
                s5 = EXACT.cast(s5).add(FloatVector.fromArray(FLOATS, data, at + 5 * LENGTH));
                s6 = EXACT.cast(s6).add(FloatVector.fromArray(FLOATS, data, at + 6 * LENGTH));
                s7 = EXACT.cast(s7).add(FloatVector.fromArray(FLOATS, data, at + 7 * LENGTH));
            }
            FloatVector sum = EXACT.cast(s0);
            sum = EXACT.cast(sum).add(s1);
            sum = EXACT.cast(sum).add(s2);
            sum = EXACT.cast(sum).add(s3);
            sum = EXACT.cast(sum).add(s4);
            sum = EXACT.cast(sum).add(s5);
            sum = EXACT.cast(sum).add(s6);
            sum = EXACT.cast(sum).add(s7);
            return EXACT.cast(sum).lane(0);
        }

        @Override
        public void copy(float[] x, float[] y, int from, int to) {
            for (int at = from; at < to; at += LENGTH) {
                EXACT.cast(FloatVector.fromArray(FLOATS, x, at)).intoArray(y, at);
            }
        }
    }

    /** On {@link Species512#FLOATS512}. */
    private static final class Wide implements ProbeKernel {
        private static final VectorSpecies<Float> FLOATS = Species512.FLOATS512;
        private static final Class<? extends FloatVector> EXACT = Species512.EXACT;
        private static final int LENGTH = FLOATS.length();

        @Override
        public int lanes() {
            return LENGTH;
        }

        @Override
        public float multiplyAdds(int rounds, float left, float right) {
            FloatVector x = FloatVector.broadcast(FLOATS, left);
            FloatVector y = FloatVector.broadcast(FLOATS, right);
            FloatVector s0 = EXACT.cast(FloatVector.broadcast(FLOATS, 0));
            FloatVector s1 = EXACT.cast(FloatVector.broadcast(FLOATS, 1));
            FloatVector s2 = EXACT.cast(FloatVector.broadcast(FLOATS, 2));
            FloatVector s3 = EXACT.cast(FloatVector.broadcast(FLOATS, 3));
            FloatVector s4 = EXACT.cast(FloatVector.broadcast(FLOATS, 4));
            FloatVector s5 = EXACT.cast(FloatVector.broadcast(FLOATS, 5));
            FloatVector s6 = EXACT.cast(FloatVector.broadcast(FLOATS, 6));
            FloatVector s7 = EXACT.cast(FloatVector.broadcast(FLOATS, 7));
            FloatVector s8 = EXACT.cast(FloatVector.broadcast(FLOATS, 8));
            FloatVector s9 = EXACT.cast(FloatVector.broadcast(FLOATS, 9));
            for (int round = 0; round < rounds; round++) {
                s0 = EXACT.cast(x).fma(y, s0);
                s1 = EXACT.cast(x).fma(y, s1);
                s2 = EXACT.cast(x).fma(y, s2);
                s3 = EXACT.cast(x).fma(y, s3);
                s4 = EXACT.cast(x).fma(y, s4);
                s5 = EXACT.cast(x).fma(y, s5);
                s6 = EXACT.cast(x).fma(y, s6);
                s7 = EXACT.cast(x).fma(y, s7);
                s8 = EXACT.cast(x).fma(y, s8);
                s9 = EXACT.cast(x).fma(y, s9);
            }
            FloatVector sum = EXACT.cast(s0);
            sum = EXACT.cast(sum).add(s1);
            sum = EXACT.cast(sum).add(s2);
            sum = EXACT.cast(sum).add(s3);
            sum = EXACT.cast(sum).add(s4);
            sum = EXACT.cast(sum).add(s5);
            sum = EXACT.cast(sum).add(s6);
            sum = EXACT.cast(sum).add(s7);
            sum = EXACT.cast(sum).add(s8);
            sum = EXACT.cast(sum).add(s9);
            return EXACT.cast(sum).lane(0);
        }

        @Override
        public float fedMultiplyAdds(float[] data, int from, int to, int passes, int shift, float[] weights) {
            FloatVector w = FloatVector.fromArray(FLOATS, weights, 0);
            FloatVector s0 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s1 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s2 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s3 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s4 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s5 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s6 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s7 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s8 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s9 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s10 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s11 = EXACT.cast(FloatVector.zero(FLOATS));
            for (int pass = 0; pass < passes; pass++) {
                int first = from + (pass % 3 == 1 ? shift : 0);
                for (int at = first; at < first + to - from; at += FED_CHAINS * LENGTH) {
                    s0 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at), s0);
                    s1 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + LENGTH), s1);
                    s2 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + 2 * LENGTH), s2);
                    s3 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + 3 * LENGTH), s3);
                    s4 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + 4 * LENGTH), s4);
                    s5 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + 5 * LENGTH), s5);
                    s6 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + 6 * LENGTH), s6);
                    s7 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + 7 * LENGTH), s7);
                    s8 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + 8 * LENGTH), s8);
                    s9 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + 9 * LENGTH), s9);
                    s10 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + 10 * LENGTH), s10);
                    s11 = EXACT.cast(w).fma(FloatVector.fromArray(FLOATS, data, at + 11 * LENGTH), s11);
                }
            }
            FloatVector sum = EXACT.cast(s0);
            sum = EXACT.cast(sum).add(s1);
            sum = EXACT.cast(sum).add(s2);
            sum = EXACT.cast(sum).add(s3);
            sum = EXACT.cast(sum).add(s4);
            sum = EXACT.cast(sum).add(s5);
            sum = EXACT.cast(sum).add(s6);
            sum = EXACT.cast(sum).add(s7);
            sum = EXACT.cast(sum).add(s8);
            sum = EXACT.cast(sum).add(s9);
            sum = EXACT.cast(sum).add(s10);
            sum = EXACT.cast(sum).add(s11);
            return EXACT.cast(sum).lane(0);
        }

        @Override
        public float read(float[] data, int from, int to) {
            FloatVector s0 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s1 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s2 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s3 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s4 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s5 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s6 = EXACT.cast(FloatVector.zero(FLOATS));
            FloatVector s7 = EXACT.cast(FloatVector.zero(FLOATS));
            for (int at = from; at < to; at += 8 * LENGTH) {
                s0 = EXACT.cast(s0).add(FloatVector.fromArray(FLOATS, data, at));
                s1 = EXACT.cast(s1).add(FloatVector.fromArray(FLOATS, data, at + LENGTH));
                s2 = EXACT.cast(s2).add(FloatVector.fromArray(FLOATS, data, at + 2 * LENGTH));
                s3 = EXACT.cast(s3).add(FloatVector.fromArray(FLOATS, data, at + 3 * LENGTH));
                s4 = EXACT.cast(s4).add(FloatVector.fromArray(FLOATS, data, at + 4 * LENGTH));
                s5 = EXACT.cast(s5).add(FloatVector.fromArray(FLOATS, data, at + 5 * LENGTH));
                s6 = EXACT.cast(s6).add(FloatVector.fromArray(FLOATS, data, at + 6 * LENGTH));
                s7 = EXACT.cast(s7).add(FloatVector.fromArray(FLOATS, data, at + 7 * LENGTH));
            }
            FloatVector sum = EXACT.cast(s0);
            sum = EXACT.cast(sum).add(s1);
            sum = EXACT.cast(sum).add(s2);
            sum = EXACT.cast(sum).add(s3);
            sum = EXACT.cast(sum).add(s4);
            sum = EXACT.cast(sum).add(s5);
            sum = EXACT.cast(sum).add(s6);
            sum = EXACT.cast(sum).add(s7);
            return EXACT.cast(sum).lane(0);
        }

        @Override
        public void copy(float[] x, float[] y, int from, int to) {
            for (int at = from; at < to; at += LENGTH) {
                EXACT.cast(FloatVector.fromArray(FLOATS, x, at)).intoArray(y, at);
            }
        }
    }
}

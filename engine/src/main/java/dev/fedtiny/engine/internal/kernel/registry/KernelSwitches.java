// Generated from KernelRegistry and the interfaces of kernels by KernelSwitches: run that when one of them has changed.
package dev.fedtiny.engine.internal.kernel.registry;

import dev.fedtiny.engine.internal.kernel.Broadcast;
import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.internal.kernel.ChannelKernel;
import dev.fedtiny.engine.internal.kernel.ConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.DepthwiseKernel;
import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.PixelWindows;
import dev.fedtiny.engine.internal.kernel.Pointwise;
import dev.fedtiny.engine.internal.kernel.PointwiseKernel;
import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.PoolWindows;
import dev.fedtiny.engine.internal.kernel.ProbeKernel;
import dev.fedtiny.engine.internal.kernel.ResidualChain;
import dev.fedtiny.engine.internal.kernel.StorageKernel;
import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;

/** Kernels that are scalar ones or vector ones, as {@link KernelSwitch} says at every call. */
final class KernelSwitches {
    private KernelSwitches() {
    }

    /** The vector kernels of a registry, each family with its scalar twin in its place while that is wanted. */
    static KernelRegistry between(KernelRegistry scalar, KernelRegistry vectors) {
        return new KernelRegistry(vectors.vectorBits(),
                vectors.reason(),
                new ConvolutionKernelSwitch(scalar.convolutions(), vectors.convolutions()),
                vectors.winograd(),
                new WeightGradientKernelSwitch(scalar.weightGradients(), vectors.weightGradients()),
                new DepthwiseKernelSwitch(scalar.depthwise(), vectors.depthwise()),
                new ElementwiseKernelSwitch(scalar.elementwise(), vectors.elementwise()),
                new StorageKernelSwitch(scalar.float32(), vectors.float32()),
                new StorageKernelSwitch(scalar.bfloat16(), vectors.bfloat16()),
                new PointwiseKernelSwitch(scalar.pointwise(), vectors.pointwise()),
                new ChannelKernelSwitch(scalar.channels(), vectors.channels()),
                new PoolKernelSwitch(scalar.pools(), vectors.pools()),
                new PixelKernelSwitch(scalar.pixels(), vectors.pixels()),
                new ProbeKernelSwitch(scalar.probes(), vectors.probes()));
    }

    private record ChannelKernelSwitch(ChannelKernel scalar, ChannelKernel vectors) implements ChannelKernel {
        @Override
        public void softmaxForward(float[] x, int xAt, int channels, int channel, int pixels, float[] y, int yAt, float[] scratch,
                int scratchAt) {
            if (KernelSwitch.vectors()) {
                vectors.softmaxForward(x, xAt, channels, channel, pixels, y, yAt, scratch, scratchAt);
            } else {
                scalar.softmaxForward(x, xAt, channels, channel, pixels, y, yAt, scratch, scratchAt);
            }
        }

        @Override
        public void softmaxBackward(float[] y, int yAt, float[] dy, int dyAt, int channels, int channel, int pixels, float[] dx, int dxAt,
                boolean add, float[] scratch, int scratchAt) {
            if (KernelSwitch.vectors()) {
                vectors.softmaxBackward(y, yAt, dy, dyAt, channels, channel, pixels, dx, dxAt, add, scratch, scratchAt);
            } else {
                scalar.softmaxBackward(y, yAt, dy, dyAt, channels, channel, pixels, dx, dxAt, add, scratch, scratchAt);
            }
        }

        @Override
        public void layerNormForward(float[] x, int xAt, int channels, int channel, int pixels, float[] gamma, float[] beta, float epsilon,
                float[] y, int yAt, float[] scratch, int scratchAt) {
            if (KernelSwitch.vectors()) {
                vectors.layerNormForward(x, xAt, channels, channel, pixels, gamma, beta, epsilon, y, yAt, scratch, scratchAt);
            } else {
                scalar.layerNormForward(x, xAt, channels, channel, pixels, gamma, beta, epsilon, y, yAt, scratch, scratchAt);
            }
        }

        @Override
        public void layerNormBackward(float[] x, int xAt, float[] dy, int dyAt, int channels, int channel, int pixels, int lanes,
                float[] gamma, float epsilon, float[] dx, int dxAt, boolean add, double[] dGamma, int dGammaAt, double[] dBeta, int dBetaAt,
                float[] scratch, int scratchAt) {
            if (KernelSwitch.vectors()) {
                vectors.layerNormBackward(x, xAt, dy, dyAt, channels, channel, pixels, lanes, gamma, epsilon, dx, dxAt, add, dGamma,
                        dGammaAt, dBeta, dBetaAt, scratch, scratchAt);
            } else {
                scalar.layerNormBackward(x, xAt, dy, dyAt, channels, channel, pixels, lanes, gamma, epsilon, dx, dxAt, add, dGamma,
                        dGammaAt, dBeta, dBetaAt, scratch, scratchAt);
            }
        }

        @Override
        public void groupNormForward(float[] x, int xAt, int channels, int pixels, int groups, float[] gamma, float[] beta,
                int coefficients, float epsilon, float[] y, int yAt, float[] scratch, int scratchAt) {
            if (KernelSwitch.vectors()) {
                vectors.groupNormForward(x, xAt, channels, pixels, groups, gamma, beta, coefficients, epsilon, y, yAt, scratch, scratchAt);
            } else {
                scalar.groupNormForward(x, xAt, channels, pixels, groups, gamma, beta, coefficients, epsilon, y, yAt, scratch, scratchAt);
            }
        }

        @Override
        public void groupNormBackward(float[] x, int xAt, float[] dy, int dyAt, int channels, int pixels, int groups, int lanes,
                float[] gamma, int coefficients, float epsilon, float[] dx, int dxAt, boolean add, double[] dGamma, int dGammaAt,
                double[] dBeta, int dBetaAt, float[] scratch, int scratchAt) {
            if (KernelSwitch.vectors()) {
                vectors.groupNormBackward(x, xAt, dy, dyAt, channels, pixels, groups, lanes, gamma, coefficients, epsilon, dx, dxAt, add,
                        dGamma, dGammaAt, dBeta, dBetaAt, scratch, scratchAt);
            } else {
                scalar.groupNormBackward(x, xAt, dy, dyAt, channels, pixels, groups, lanes, gamma, coefficients, epsilon, dx, dxAt, add,
                        dGamma, dGammaAt, dBeta, dBetaAt, scratch, scratchAt);
            }
        }
    }

    private record ConvolutionKernelSwitch(ConvolutionKernel scalar, ConvolutionKernel vectors) implements ConvolutionKernel {
        @Override
        public void sparse(float[] x, int xBase, int xPitch, int[] segments, int rows, int blocks, boolean tilesFirst, int[] offsets,
                float[] values, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns,
                int from, int to, float[] scratch, int scratchBase) {
            if (KernelSwitch.vectors()) {
                vectors.sparse(x, xBase, xPitch, segments, rows, blocks, tilesFirst, offsets, values, start, y, yBase, yChannel, yPitch,
                        yStep, outputRows, outputColumns, from, to, scratch, scratchBase);
            } else {
                scalar.sparse(x, xBase, xPitch, segments, rows, blocks, tilesFirst, offsets, values, start, y, yBase, yChannel, yPitch,
                        yStep, outputRows, outputColumns, from, to, scratch, scratchBase);
            }
        }

        @Override
        public void dense(float[] x, int xBase, int xPitch, int[] offsets, int columns, float[] values, int valuesBase, float[] start,
                float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
            if (KernelSwitch.vectors()) {
                vectors.dense(x, xBase, xPitch, offsets, columns, values, valuesBase, start, y, yBase, yChannel, yPitch, yStep, outputRows,
                        outputColumns, from, to);
            } else {
                scalar.dense(x, xBase, xPitch, offsets, columns, values, valuesBase, start, y, yBase, yChannel, yPitch, yStep, outputRows,
                        outputColumns, from, to);
            }
        }

        @Override
        public void bitmask(float[] x, int xBase, int xPitch, int[] offsets, int columns, long[] bits, int[] rowStart, float[] values,
                float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from,
                int to) {
            if (KernelSwitch.vectors()) {
                vectors.bitmask(x, xBase, xPitch, offsets, columns, bits, rowStart, values, start, y, yBase, yChannel, yPitch, yStep,
                        outputRows, outputColumns, from, to);
            } else {
                scalar.bitmask(x, xBase, xPitch, offsets, columns, bits, rowStart, values, start, y, yBase, yChannel, yPitch, yStep,
                        outputRows, outputColumns, from, to);
            }
        }
    }

    private record DepthwiseKernelSwitch(DepthwiseKernel scalar, DepthwiseKernel vectors) implements DepthwiseKernel {
        @Override
        public void planes(float[] x, int xBase, int xPitch, int[] segments, int rows, int[] offsets, float[] values, float[] start,
                float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
            if (KernelSwitch.vectors()) {
                vectors.planes(x, xBase, xPitch, segments, rows, offsets, values, start, y, yBase, yChannel, yPitch, yStep, outputRows,
                        outputColumns, from, to);
            } else {
                scalar.planes(x, xBase, xPitch, segments, rows, offsets, values, start, y, yBase, yChannel, yPitch, yStep, outputRows,
                        outputColumns, from, to);
            }
        }

        @Override
        public void gradients(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
                int outputColumns, int[] segments, int rows, int[] offsets, float[] accumulators, int accumulatorsBase, int from, int to) {
            if (KernelSwitch.vectors()) {
                vectors.gradients(x, xBase, xPitch, dz, dzBase, dzChannel, dzPitch, outputRows, outputColumns, segments, rows, offsets,
                        accumulators, accumulatorsBase, from, to);
            } else {
                scalar.gradients(x, xBase, xPitch, dz, dzBase, dzChannel, dzPitch, outputRows, outputColumns, segments, rows, offsets,
                        accumulators, accumulatorsBase, from, to);
            }
        }
    }

    private record ElementwiseKernelSwitch(ElementwiseKernel scalar, ElementwiseKernel vectors) implements ElementwiseKernel {
        @Override
        public void apply(float[] z, int zBase, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel, int yPitch,
                int yStep, int channels, int rows, int columns, float[] scale, float[] shift, int coefficients, boolean add, float lower,
                float upper) {
            if (KernelSwitch.vectors()) {
                vectors.apply(z, zBase, zChannel, zPitch, zStep, y, yBase, yChannel, yPitch, yStep, channels, rows, columns, scale, shift,
                        coefficients, add, lower, upper);
            } else {
                scalar.apply(z, zBase, zChannel, zPitch, zStep, y, yBase, yChannel, yPitch, yStep, channels, rows, columns, scale, shift,
                        coefficients, add, lower, upper);
            }
        }

        @Override
        public void copyLanes(float[] x, int xBase, int xOuter, int xMiddle, int xInner, float[] y, int yBase, int yOuter, int yMiddle,
                int yInner, int outer, int middle, int inner, int cleared, float border) {
            if (KernelSwitch.vectors()) {
                vectors.copyLanes(x, xBase, xOuter, xMiddle, xInner, y, yBase, yOuter, yMiddle, yInner, outer, middle, inner, cleared,
                        border);
            } else {
                scalar.copyLanes(x, xBase, xOuter, xMiddle, xInner, y, yBase, yOuter, yMiddle, yInner, outer, middle, inner, cleared,
                        border);
            }
        }

        @Override
        public void sums(float[] x, int base, int channel, int channels, int pixels, double[] sum, int out) {
            if (KernelSwitch.vectors()) {
                vectors.sums(x, base, channel, channels, pixels, sum, out);
            } else {
                scalar.sums(x, base, channel, channels, pixels, sum, out);
            }
        }

        @Override
        public void sumsOfRows(float[] x, int base, int channel, int pitch, int channels, int rows, int columns, double[] sum, int out) {
            if (KernelSwitch.vectors()) {
                vectors.sumsOfRows(x, base, channel, pitch, channels, rows, columns, sum, out);
            } else {
                scalar.sumsOfRows(x, base, channel, pitch, channels, rows, columns, sum, out);
            }
        }

        @Override
        public void maskInside(float[] v, int vBase, int vChannel, int vPitch, int vStep, float[] du, int duBase, int duChannel,
                int duPitch, int duStep, int channels, int rows, int columns, float lower, float upper) {
            if (KernelSwitch.vectors()) {
                vectors.maskInside(v, vBase, vChannel, vPitch, vStep, du, duBase, duChannel, duPitch, duStep, channels, rows, columns,
                        lower, upper);
            } else {
                scalar.maskInside(v, vBase, vChannel, vPitch, vStep, du, duBase, duChannel, duPitch, duStep, channels, rows, columns, lower,
                        upper);
            }
        }

        @Override
        public void add(float[] x, int xBase, float[] y, int yBase, int count) {
            if (KernelSwitch.vectors()) {
                vectors.add(x, xBase, y, yBase, count);
            } else {
                scalar.add(x, xBase, y, yBase, count);
            }
        }

        @Override
        public int largestMagnitude(float[] x, int from, int count) {
            if (KernelSwitch.vectors()) {
                return vectors.largestMagnitude(x, from, count);
            } else {
                return scalar.largestMagnitude(x, from, count);
            }
        }
    }

    private record PixelKernelSwitch(PixelKernel scalar, PixelKernel vectors) implements PixelKernel {
        @Override
        public void planes(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yPitch,
                int before, int behind, int channels, int rows, int columns, ChannelFunction function, int first) {
            if (KernelSwitch.vectors()) {
                vectors.planes(x, xBase, xChannel, xPitch, xStep, y, yBase, yChannel, yPitch, before, behind, channels, rows, columns,
                        function, first);
            } else {
                scalar.planes(x, xBase, xChannel, xPitch, xStep, y, yBase, yChannel, yPitch, before, behind, channels, rows, columns,
                        function, first);
            }
        }

        @Override
        public void rows(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yFloats,
                int channels, int rows, int columns, ChannelFunction function, int first) {
            if (KernelSwitch.vectors()) {
                vectors.rows(x, xBase, xChannel, xPitch, xStep, y, yBase, yChannel, yFloats, channels, rows, columns, function, first);
            } else {
                scalar.rows(x, xBase, xChannel, xPitch, xStep, y, yBase, yChannel, yFloats, channels, rows, columns, function, first);
            }
        }

        @Override
        public void finish(float[] y, int yBase, int yChannel, int channels, int floats, ChannelFunction function, int first) {
            if (KernelSwitch.vectors()) {
                vectors.finish(y, yBase, yChannel, channels, floats, function, first);
            } else {
                scalar.finish(y, yBase, yChannel, channels, floats, function, first);
            }
        }

        @Override
        public void windows(float[] x, int xBase, int xChannel, int multiplier, PixelWindows windows, float[] values, float[] start,
                ChannelFunction function, float[] y, int yBase, int yChannel, int from, int to) {
            if (KernelSwitch.vectors()) {
                vectors.windows(x, xBase, xChannel, multiplier, windows, values, start, function, y, yBase, yChannel, from, to);
            } else {
                scalar.windows(x, xBase, xChannel, multiplier, windows, values, start, function, y, yBase, yChannel, from, to);
            }
        }

        @Override
        public void channelsToLanes(float[] x, int xBase, int xChannel, float[] y, int yBase, int channels, int pixels) {
            if (KernelSwitch.vectors()) {
                vectors.channelsToLanes(x, xBase, xChannel, y, yBase, channels, pixels);
            } else {
                scalar.channelsToLanes(x, xBase, xChannel, y, yBase, channels, pixels);
            }
        }
    }

    private record PointwiseKernelSwitch(PointwiseKernel scalar, PointwiseKernel vectors) implements PointwiseKernel {
        @Override
        public void forward(Pointwise f, float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
            if (KernelSwitch.vectors()) {
                vectors.forward(f, a, b, x, xAt, y, yAt, count);
            } else {
                scalar.forward(f, a, b, x, xAt, y, yAt, count);
            }
        }

        @Override
        public void backward(Pointwise f, float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
                boolean add) {
            if (KernelSwitch.vectors()) {
                vectors.backward(f, a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
            } else {
                scalar.backward(f, a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
            }
        }

        @Override
        public void multiply(float[] x, int xAt, float[] s, int sAt, Broadcast map, float[] y, int yAt) {
            if (KernelSwitch.vectors()) {
                vectors.multiply(x, xAt, s, sAt, map, y, yAt);
            } else {
                scalar.multiply(x, xAt, s, sAt, map, y, yAt);
            }
        }

        @Override
        public void multiplyBackward(float[] dy, int dyAt, float[] s, int sAt, Broadcast map, float[] dx, int dxAt, boolean add) {
            if (KernelSwitch.vectors()) {
                vectors.multiplyBackward(dy, dyAt, s, sAt, map, dx, dxAt, add);
            } else {
                scalar.multiplyBackward(dy, dyAt, s, sAt, map, dx, dxAt, add);
            }
        }

        @Override
        public void multiplyReduce(float[] dy, int dyAt, float[] x, int xAt, Broadcast map, float[] ds, int dsAt) {
            if (KernelSwitch.vectors()) {
                vectors.multiplyReduce(dy, dyAt, x, xAt, map, ds, dsAt);
            } else {
                scalar.multiplyReduce(dy, dyAt, x, xAt, map, ds, dsAt);
            }
        }
    }

    private record PoolKernelSwitch(PoolKernel scalar, PoolKernel vectors) implements PoolKernel {
        @Override
        public void maxForward(float[] x, int xBase, int channels, PoolWindows windows, float[] y, int yBase) {
            if (KernelSwitch.vectors()) {
                vectors.maxForward(x, xBase, channels, windows, y, yBase);
            } else {
                scalar.maxForward(x, xBase, channels, windows, y, yBase);
            }
        }

        @Override
        public void maxBackward(float[] x, int xBase, int channels, PoolWindows windows, float[] dy, int dyBase, float[] dx, int dxBase) {
            if (KernelSwitch.vectors()) {
                vectors.maxBackward(x, xBase, channels, windows, dy, dyBase, dx, dxBase);
            } else {
                scalar.maxBackward(x, xBase, channels, windows, dy, dyBase, dx, dxBase);
            }
        }

        @Override
        public void meanForward(float[] x, int xBase, int channels, PoolWindows windows, boolean padded, float[] y, int yBase) {
            if (KernelSwitch.vectors()) {
                vectors.meanForward(x, xBase, channels, windows, padded, y, yBase);
            } else {
                scalar.meanForward(x, xBase, channels, windows, padded, y, yBase);
            }
        }

        @Override
        public void meanBackward(float[] dy, int dyBase, int channels, PoolWindows windows, boolean padded, float[] dx, int dxBase) {
            if (KernelSwitch.vectors()) {
                vectors.meanBackward(dy, dyBase, channels, windows, padded, dx, dxBase);
            } else {
                scalar.meanBackward(dy, dyBase, channels, windows, padded, dx, dxBase);
            }
        }

        @Override
        public void averageForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase) {
            if (KernelSwitch.vectors()) {
                vectors.averageForward(x, xBase, channels, pixels, y, yBase);
            } else {
                scalar.averageForward(x, xBase, channels, pixels, y, yBase);
            }
        }

        @Override
        public void averageBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add) {
            if (KernelSwitch.vectors()) {
                vectors.averageBackward(dy, dyBase, channels, pixels, dx, dxBase, add);
            } else {
                scalar.averageBackward(dy, dyBase, channels, pixels, dx, dxBase, add);
            }
        }

        @Override
        public void repeatForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase) {
            if (KernelSwitch.vectors()) {
                vectors.repeatForward(x, xBase, channels, pixels, y, yBase);
            } else {
                scalar.repeatForward(x, xBase, channels, pixels, y, yBase);
            }
        }

        @Override
        public void repeatBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add) {
            if (KernelSwitch.vectors()) {
                vectors.repeatBackward(dy, dyBase, channels, pixels, dx, dxBase, add);
            } else {
                scalar.repeatBackward(dy, dyBase, channels, pixels, dx, dxBase, add);
            }
        }

        @Override
        public void enlargeForward(float[] x, int xBase, int rows, int columns, int down, int across, float[] y, int yBase) {
            if (KernelSwitch.vectors()) {
                vectors.enlargeForward(x, xBase, rows, columns, down, across, y, yBase);
            } else {
                scalar.enlargeForward(x, xBase, rows, columns, down, across, y, yBase);
            }
        }

        @Override
        public void enlargeBackward(float[] dy, int dyBase, int rows, int columns, int down, int across, float[] dx, int dxBase,
                boolean add) {
            if (KernelSwitch.vectors()) {
                vectors.enlargeBackward(dy, dyBase, rows, columns, down, across, dx, dxBase, add);
            } else {
                scalar.enlargeBackward(dy, dyBase, rows, columns, down, across, dx, dxBase, add);
            }
        }
    }

    private record ProbeKernelSwitch(ProbeKernel scalar, ProbeKernel vectors) implements ProbeKernel {
        @Override
        public int lanes() {
            return vectors.lanes();
        }

        @Override
        public float multiplyAdds(int rounds, float left, float right) {
            return vectors.multiplyAdds(rounds, left, right);
        }

        @Override
        public float fedMultiplyAdds(float[] data, int from, int to, int passes, int shift, float[] weights) {
            if (KernelSwitch.vectors()) {
                return vectors.fedMultiplyAdds(data, from, to, passes, shift, weights);
            } else {
                return scalar.fedMultiplyAdds(data, from, to, passes, shift, weights);
            }
        }

        @Override
        public float read(float[] data, int from, int to) {
            if (KernelSwitch.vectors()) {
                return vectors.read(data, from, to);
            } else {
                return scalar.read(data, from, to);
            }
        }

        @Override
        public void copy(float[] x, float[] y, int from, int to) {
            if (KernelSwitch.vectors()) {
                vectors.copy(x, y, from, to);
            } else {
                scalar.copy(x, y, from, to);
            }
        }
    }

    private record StorageKernelSwitch(StorageKernel scalar, StorageKernel vectors) implements StorageKernel {
        @Override
        public int valuesAWord() {
            return vectors.valuesAWord();
        }

        @Override
        public void write(float[] x, int xBase, float[] z, int zBase, int count) {
            if (KernelSwitch.vectors()) {
                vectors.write(x, xBase, z, zBase, count);
            } else {
                scalar.write(x, xBase, z, zBase, count);
            }
        }

        @Override
        public void read(float[] z, int zBase, float[] x, int xBase, int count) {
            if (KernelSwitch.vectors()) {
                vectors.read(z, zBase, x, xBase, count);
            } else {
                scalar.read(z, zBase, x, xBase, count);
            }
        }

        @Override
        public void accumulate(float[] z, int zBase, float[] y, int yBase, int count) {
            if (KernelSwitch.vectors()) {
                vectors.accumulate(z, zBase, y, yBase, count);
            } else {
                scalar.accumulate(z, zBase, y, yBase, count);
            }
        }

        @Override
        public void sum(ResidualChain chain, int offset, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel,
                int yPitch, int yStep, int channels, int rows, int columns, int coefficients, boolean add) {
            if (KernelSwitch.vectors()) {
                vectors.sum(chain, offset, zChannel, zPitch, zStep, y, yBase, yChannel, yPitch, yStep, channels, rows, columns,
                        coefficients, add);
            } else {
                scalar.sum(chain, offset, zChannel, zPitch, zStep, y, yBase, yChannel, yPitch, yStep, channels, rows, columns, coefficients,
                        add);
            }
        }

        @Override
        public void moments(float[] z, int zBase, int channels, int pixels, int lanes, double[] mean, double[] squares, int out) {
            if (KernelSwitch.vectors()) {
                vectors.moments(z, zBase, channels, pixels, lanes, mean, squares, out);
            } else {
                scalar.moments(z, zBase, channels, pixels, lanes, mean, squares, out);
            }
        }

        @Override
        public void reduce(float[] du, int duBase, float[] z, int zBase, int channels, int pixels, int lanes, float[] mean,
                int coefficients, double[] sum, double[] product, int out) {
            if (KernelSwitch.vectors()) {
                vectors.reduce(du, duBase, z, zBase, channels, pixels, lanes, mean, coefficients, sum, product, out);
            } else {
                scalar.reduce(du, duBase, z, zBase, channels, pixels, lanes, mean, coefficients, sum, product, out);
            }
        }

        @Override
        public void combine(float[] du, int duBase, float[] z, int zBase, float[] y, int yBase, int yChannel, int yPitch, int yStep,
                int channels, int rows, int columns, float[] a, float[] b, float[] c, int coefficients, int lanes) {
            if (KernelSwitch.vectors()) {
                vectors.combine(du, duBase, z, zBase, y, yBase, yChannel, yPitch, yStep, channels, rows, columns, a, b, c, coefficients,
                        lanes);
            } else {
                scalar.combine(du, duBase, z, zBase, y, yBase, yChannel, yPitch, yStep, channels, rows, columns, a, b, c, coefficients,
                        lanes);
            }
        }
    }

    private record WeightGradientKernelSwitch(WeightGradientKernel scalar, WeightGradientKernel vectors) implements WeightGradientKernel {
        @Override
        public void sparse(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
                int outputColumns, int[] segments, int rows, int blocks, int[] offsets, float[] accumulators, int accumulatorsBase,
                int from, int to) {
            if (KernelSwitch.vectors()) {
                vectors.sparse(x, xBase, xPitch, dz, dzBase, dzChannel, dzPitch, outputRows, outputColumns, segments, rows, blocks, offsets,
                        accumulators, accumulatorsBase, from, to);
            } else {
                scalar.sparse(x, xBase, xPitch, dz, dzBase, dzChannel, dzPitch, outputRows, outputColumns, segments, rows, blocks, offsets,
                        accumulators, accumulatorsBase, from, to);
            }
        }

        @Override
        public void bitmask(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
                int outputColumns, int[] offsets, int columns, long[] bits, int[] rowStart, float[] accumulators, int accumulatorsBase,
                int from, int to) {
            if (KernelSwitch.vectors()) {
                vectors.bitmask(x, xBase, xPitch, dz, dzBase, dzChannel, dzPitch, outputRows, outputColumns, offsets, columns, bits,
                        rowStart, accumulators, accumulatorsBase, from, to);
            } else {
                scalar.bitmask(x, xBase, xPitch, dz, dzBase, dzChannel, dzPitch, outputRows, outputColumns, offsets, columns, bits,
                        rowStart, accumulators, accumulatorsBase, from, to);
            }
        }

        @Override
        public void join(float[] accumulators, int at, float[] gradient, int from, int to) {
            if (KernelSwitch.vectors()) {
                vectors.join(accumulators, at, gradient, from, to);
            } else {
                scalar.join(accumulators, at, gradient, from, to);
            }
        }

        @Override
        public void dense(float[] x, int xBase, int xGroup, int xPitch, float[] dz, int dzBase, int dzGroup, int dzChannel, int dzPitch,
                int groups, int outputRows, int outputColumns, int[] offsets, int columns, float[] gradient, int gradientBase,
                float[] lanes, int lanesBase, int from, int to) {
            if (KernelSwitch.vectors()) {
                vectors.dense(x, xBase, xGroup, xPitch, dz, dzBase, dzGroup, dzChannel, dzPitch, groups, outputRows, outputColumns, offsets,
                        columns, gradient, gradientBase, lanes, lanesBase, from, to);
            } else {
                scalar.dense(x, xBase, xGroup, xPitch, dz, dzBase, dzGroup, dzChannel, dzPitch, groups, outputRows, outputColumns, offsets,
                        columns, gradient, gradientBase, lanes, lanesBase, from, to);
            }
        }

        @Override
        public int denseRows() {
            return vectors.denseRows();
        }

        @Override
        public int denseLanes(int columns) {
            return vectors.denseLanes(columns);
        }
    }
}

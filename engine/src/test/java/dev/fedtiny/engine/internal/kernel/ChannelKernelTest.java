package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarChannelKernel;
import java.util.List;

/** Softmax, layer and group normalisation: scalar loops against double precision, vector loops against those, bit by bit. */
class ChannelKernelTest extends KernelContract<ChannelKernel> {
    private static final ChannelKernel SCALAR = new ScalarChannelKernel();

    @Override
    ChannelKernel scalar() {
        return SCALAR;
    }

    @Override
    ChannelKernel vectors() {
        return VectorTwins.channels();
    }

    @Override
    List<KernelCase<ChannelKernel>> all() {
        return ChannelCases.all();
    }

    @Override
    List<KernelCase<ChannelKernel>> some() {
        return ChannelCases.some();
    }
}

package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarPixelKernel;
import java.util.List;

/** Moving pixels against plain double arithmetic, and the vector twin against the scalar one, bit by bit. */
class PixelKernelTest extends KernelContract<PixelKernel> {
    private static final PixelKernel SCALAR = new ScalarPixelKernel();

    @Override
    PixelKernel scalar() {
        return SCALAR;
    }

    @Override
    PixelKernel vectors() {
        return VectorTwins.pixels();
    }

    @Override
    List<KernelCase<PixelKernel>> all() {
        return PixelCases.all();
    }

    @Override
    List<KernelCase<PixelKernel>> some() {
        return PixelCases.some();
    }
}

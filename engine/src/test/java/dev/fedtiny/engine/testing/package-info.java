/**
 * How kernels are tested, for the engine's own and for anybody else's; published as the engine's test jar.
 *
 * <p>References: every operator in double precision, written as its formula stands, over N,C,H,W arrays. They are held by finite
 * differences and by results of PyTorch. Comparison: {@link dev.fedtiny.engine.testing.ConvolutionCase} has the awkward shapes,
 * {@link dev.fedtiny.engine.testing.ConvolutionCandidate} is what is tried on them, and
 * {@link dev.fedtiny.engine.testing.ConvolutionResults} compares with the reference within rounding, or with another candidate bit by bit.
 * Rules: {@link dev.fedtiny.engine.testing.CompiledClasses} reads what was compiled. Failures are {@link AssertionError}s; no test
 * library is needed.
 */
package dev.fedtiny.engine.testing;

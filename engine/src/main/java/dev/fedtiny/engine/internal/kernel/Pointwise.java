package dev.fedtiny.engine.internal.kernel;

/** Functions of a value by itself, and at most two numbers a and b; derivatives at points where two pieces meet are PyTorch's. */
public enum Pointwise {
    /** x above 0, a·x elsewhere; the derivative at 0 is a. */
    LEAKY_RELU,
    /** 1 / (1 + e^-x). */
    SIGMOID,
    /** a·x + b, at least 0 and at most 1, where its derivative is 0. */
    HARD_SIGMOID,
    /** x times a value that goes from 0 at −3 to 1 at 3; the derivative is 0 at −3 and 1 at 3. */
    HARD_SWISH,
    /** x / (1 + e^-x). */
    SILU,
    /** tanh x. */
    TANH,
    /** x·Φ(x), Φ the normal distribution. */
    GELU,
    /** x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2. */
    GELU_TANH,
    /** a·x + b. */
    AFFINE;

    /** Whether the derivative is computed of the function's value y, where it is cheaper so: y (1 − y), 1 − y². */
    public boolean ofOutput() {
        return this == SIGMOID || this == TANH;
    }
}

package dev.fedtiny.engine.tensor;

/**
 * A NaN or an infinity where a number is needed: in images, in values or gradients that were handed in, in what a layer computed, in what
 * an optimiser's step left. The message says where it was seen first: parameter or layer, position, pass or step.
 */
public final class NonFiniteException extends ArithmeticException {
    private static final long serialVersionUID = 1L;

    /**
     * With a sentence that says where which value was seen.
     *
     * @param message a sentence that says where which value was seen
     */
    public NonFiniteException(String message) {
        super(message);
    }

    /**
     * {@return the same exception, told in a larger context}
     *
     * @param context what was under way, for example {@code training step 7}
     */
    public NonFiniteException in(String context) {
        NonFiniteException told = new NonFiniteException(context + ": " + getMessage());
        told.initCause(this);
        return told;
    }
}

package dev.fedtiny.engine.model;

import java.util.Objects;

/**
 * Choices of a session that are not about its size.
 *
 * @param formats which form the weights of each layer are computed in: all give the same bits but Winograd's, which
 *     {@link FormatChoice#AUTOMATIC} takes in training for layers that are dense enough, and {@link FormatChoice#TRANSFORMED} in every mode
 * @param inputGradient whether a training session computes the gradient of its images
 * @param activations how a training session keeps maps for the backward pass; without meaning in other modes
 * @param finiteCheck whether values that are no numbers are looked for and named
 */
public record SessionOptions(FormatChoice formats, InputGradient inputGradient, ActivationStorage activations, FiniteCheck finiteCheck) {
    /** Forms by density, no gradient of the images, single precision, values that are no numbers refused. */
    public static final SessionOptions DEFAULT =
            new SessionOptions(FormatChoice.AUTOMATIC, InputGradient.NONE, ActivationStorage.FLOAT32, FiniteCheck.ON);

    /** Checks that nothing is missing. */
    public SessionOptions {
        Objects.requireNonNull(formats, "formats");
        Objects.requireNonNull(inputGradient, "inputGradient");
        Objects.requireNonNull(activations, "activations");
        Objects.requireNonNull(finiteCheck, "finiteCheck");
    }

    /** These options with other forms. */
    public SessionOptions withFormats(FormatChoice other) {
        return new SessionOptions(other, inputGradient, activations, finiteCheck);
    }

    /** These options with another choice about the gradient of the images. */
    public SessionOptions withInputGradient(InputGradient other) {
        return new SessionOptions(formats, other, activations, finiteCheck);
    }

    /** These options with another storage of activations. */
    public SessionOptions withActivations(ActivationStorage other) {
        return new SessionOptions(formats, inputGradient, other, finiteCheck);
    }

    /** These options with values that are no numbers looked for or not. */
    public SessionOptions withFiniteCheck(FiniteCheck other) {
        return new SessionOptions(formats, inputGradient, activations, other);
    }
}

package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import java.util.Arrays;
import java.util.List;

/**
 * Choices of a session that are not about its size.
 *
 * @param algorithms which algorithm computes each layer: all give the same bits but Winograd's, which
 *     {@link AlgorithmPolicy#AUTOMATIC} takes in training for layers that are dense enough, and {@link AlgorithmPolicy#TRANSFORMED} in
 *     every mode
 * @param inputGradient whether a training session computes the gradient of its images
 * @param activations how a training session keeps maps for the backward pass; without meaning in other modes
 * @param finiteCheck whether values that are no numbers are looked for and named
 * @param features positions of layers whose values can be read after a pass, besides the outputs; their maps are kept for that
 * @param images how the images of a batch are held; those whose gradient is computed are floats
 * @param sharing how threads share the image of an inference session whose batch is one; without meaning otherwise
 */
public record SessionOptions(AlgorithmPolicy algorithms, InputGradient inputGradient, ActivationStorage activations,
        FiniteCheck finiteCheck, List<Integer> features, ImageForm images, ImageSharing sharing) {
    /**
     * Algorithms by density, no gradient of the images, single precision, values that are no numbers refused, images as floats, a single
     * image shared as is faster.
     */
    public static final SessionOptions DEFAULT = new SessionOptions(AlgorithmPolicy.AUTOMATIC, InputGradient.NONE,
            ActivationStorage.FLOAT32, FiniteCheck.ON, List.of(), ImageForm.FLOATS, ImageSharing.AUTOMATIC);

    private static final String FEATURES = "positions in Network.layers(); none where no inner layer is looked at";

    /**
     * Checks that nothing is missing.
     *
     * @throws IllegalArgumentException if the gradient of images is asked for that are bytes
     */
    public SessionOptions {
        Given.notNull(algorithms, "session options: algorithms", "AlgorithmPolicy.AUTOMATIC, or another policy");
        Given.notNull(inputGradient, "session options: inputGradient", "NONE or COMPUTED");
        Given.notNull(activations, "session options: activations", "FLOAT32 or BFLOAT16");
        Given.notNull(finiteCheck, "session options: finiteCheck", "ON or OFF");
        for (Object layer : Given.notNull(features, "session options: features", FEATURES)) {
            Given.notNull(layer, "session options: a layer of the features", FEATURES);
        }
        features = List.copyOf(features);
        Given.notNull(images, "session options: images", "ImageForm.FLOATS, or bytes with their figures");
        Given.notNull(sharing, "session options: sharing", "AUTOMATIC, CHANNELS or BANDS");
        if (inputGradient == InputGradient.COMPUTED && !images.equals(ImageForm.FLOATS)) {
            throw new IllegalArgumentException("session: the gradient of images that are held as " + images + "; it is one by numbers, so "
                    + "open the session with ImageForm.FLOATS or with InputGradient.NONE");
        }
    }

    /**
     * These options with another choice of algorithms.
     *
     * @param other the algorithms
     * @return a copy
     */
    public SessionOptions withAlgorithms(AlgorithmPolicy other) {
        return new SessionOptions(other, inputGradient, activations, finiteCheck, features, images, sharing);
    }

    /**
     * These options with another choice about the gradient of the images.
     *
     * @param other whether it is computed
     * @return a copy
     */
    public SessionOptions withInputGradient(InputGradient other) {
        return new SessionOptions(algorithms, other, activations, finiteCheck, features, images, sharing);
    }

    /**
     * These options with another storage of activations.
     *
     * @param other how activations are stored between the passes
     * @return a copy
     */
    public SessionOptions withActivations(ActivationStorage other) {
        return new SessionOptions(algorithms, inputGradient, other, finiteCheck, features, images, sharing);
    }

    /**
     * These options with values that are no numbers looked for or not.
     *
     * @param other whether they are
     * @return a copy
     */
    public SessionOptions withFiniteCheck(FiniteCheck other) {
        return new SessionOptions(algorithms, inputGradient, activations, other, features, images, sharing);
    }

    /**
     * These options with values of inner layers that can be read after a pass.
     *
     * @param layers positions in {@link Network#layers()}: {@link Network#inputOf} says what a classifier reads
     * @return a copy
     */
    public SessionOptions withFeatures(Integer... layers) {
        return new SessionOptions(algorithms, inputGradient, activations, finiteCheck,
                Arrays.asList(Given.notNull(layers, "session options: features", FEATURES)), images, sharing);
    }

    /**
     * These options with images held in another form: as bytes they take a quarter of the memory.
     *
     * @param other how they are held; then {@link dev.fedtiny.engine.session.Session#setImages(byte[], int)} takes them
     * @return a copy
     */
    public SessionOptions withImages(ImageForm other) {
        return new SessionOptions(algorithms, inputGradient, activations, finiteCheck, features, other, sharing);
    }

    /**
     * These options with another way in which threads share a single image.
     *
     * @param other what each thread computes of it
     * @return a copy
     */
    public SessionOptions withSharing(ImageSharing other) {
        return new SessionOptions(algorithms, inputGradient, activations, finiteCheck, features, images, other);
    }
}

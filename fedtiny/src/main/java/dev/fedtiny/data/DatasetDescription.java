package dev.fedtiny.data;

import java.util.List;
import java.util.Objects;

/**
 * What the images of a data set are, all but the images themselves.
 *
 * @param kind which images these are
 * @param channels of every image
 * @param height of every image, pixels
 * @param width of every image, pixels
 * @param classes labels run from 0 to {@code classes - 1}; at most {@link Dataset#MAXIMUM_CLASSES}
 * @param classNames one a class, or empty when not known
 * @param normalization for this number of channels
 */
public record DatasetDescription(DatasetKind kind, int channels, int height, int width, int classes, List<String> classNames,
        Normalization normalization) {
    private static final int MOST_VALUES = 1 << 24;

    /**
     * Checks that the parts fit each other.
     *
     * @throws DataException if sizes are not positive or give more than 16,777,216 values an image, or classes, names or channels of the
     *     normalisation disagree
     */
    public DatasetDescription {
        Objects.requireNonNull(kind, "kind");
        classNames = List.copyOf(classNames);
        if (!isImageSize(channels, height, width)) {
            throw new DataException("images have " + channels + "×" + height + "×" + width
                    + " values (channels × height × width), expected positive sizes and at most 16,777,216 values");
        }
        if (classes < 1 || classes > Dataset.MAXIMUM_CLASSES) {
            throw new DataException("data set has " + classes + " classes, expected 1 to " + Dataset.MAXIMUM_CLASSES);
        }
        if (!classNames.isEmpty() && classNames.size() != classes) {
            throw new DataException("data set has " + classNames.size() + " class names for " + classes
                    + " classes, expected one each or none");
        }
        if (normalization.channels() != channels) {
            throw new DataException("normalization '" + normalization.name() + "' is for " + normalization.channels()
                    + " channels, but the images have " + channels);
        }
    }

    /** Whether the sizes are positive and give at most 16,777,216 values, checked without overflow. */
    static boolean isImageSize(int channels, int height, int width) {
        return channels >= 1 && height >= 1 && width >= 1 && channels <= MOST_VALUES && (long) height * width <= MOST_VALUES / channels;
    }

    /** {@return values of one image, a byte each: channels · height · width} */
    public int imageBytes() {
        return channels * height * width;
    }

    /**
     * The same images taken for others.
     *
     * @param otherKind which images they are to be taken for
     * @param otherNormalization for as many channels
     * @param otherClassNames one a class, or none
     * @return a description of the same sizes
     * @throws DataException if names or channels do not fit
     */
    public DatasetDescription as(DatasetKind otherKind, Normalization otherNormalization, List<String> otherClassNames) {
        return new DatasetDescription(otherKind, channels, height, width, classes, otherClassNames, otherNormalization);
    }
}

package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.PerAxis;
import java.util.List;

/**
 * What the times of a convolution's kernels go by, in tables of measurements: its padding and dilation tell nothing more.
 *
 * @param inputChannels C
 * @param outputChannels K
 * @param height H
 * @param width W
 * @param kernel R × S
 * @param stride pixels between two windows
 * @param groups parts that channels are cut into
 */
public record ConvolutionShape(int inputChannels, int outputChannels, int height, int width, PerAxis kernel, PerAxis stride, int groups) {
    /** Checks that nothing is missing. */
    public ConvolutionShape {
        Given.notNull(kernel, "convolution shape: kernel", "rows and columns of a window");
        Given.notNull(stride, "convolution shape: stride", "pixels between two windows");
    }

    /** What the words of {@link #toString} are. */
    public static final String FIELDS = "C K H W R stride [groups]";

    /**
     * The shape of a geometry.
     *
     * @param geometry any convolution
     * @return its shape, without padding and dilation
     */
    public static ConvolutionShape of(Conv2dGeometry geometry) {
        Given.notNull(geometry, "convolution shape: geometry", "the shapes of a convolution");
        return new ConvolutionShape(geometry.input().channels(), geometry.outputChannels(), geometry.input().height(),
                geometry.input().width(), geometry.kernel(), geometry.stride(), geometry.groups());
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @param words C, K, H, W, R or R×S, the stride or strides, and the groups unless there is one
     * @return the shape
     * @throws IllegalArgumentException if they are no shape
     */
    public static ConvolutionShape parse(List<String> words) {
        Given.notNull(words, "convolution shape: words", "what toString writes, word by word");
        if (words.size() != 6 && words.size() != 7) {
            throw new IllegalArgumentException("a shape of " + words.size() + " words, expected " + FIELDS);
        }
        return new ConvolutionShape(Integer.parseInt(words.get(0)), Integer.parseInt(words.get(1)), Integer.parseInt(words.get(2)),
                Integer.parseInt(words.get(3)), perAxis(words.get(4)), perAxis(words.get(5)),
                words.size() == 7 ? Integer.parseInt(words.get(6)) : 1);
    }

    private static PerAxis perAxis(String word) {
        String[] numbers = word.split("×", 2);
        return new PerAxis(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[numbers.length - 1]));
    }

    /** The words, groups only where there are several: {@code 64 64 32 32 3 1}, or {@code 16 16 25 5 3 2×1 16}. */
    @Override
    public String toString() {
        return inputChannels + " " + outputChannels + " " + height + " " + width + " " + kernel + " " + stride
                + (groups == 1 ? "" : " " + groups);
    }
}

package dev.fedtiny.data;

import java.util.ArrayList;
import java.util.List;

/**
 * How a pixel byte becomes a network input: {@code (byte / 255 - mean) / standardDeviation}, per channel.
 *
 * @param name what the figures belong to
 * @param mean per channel, of values in [0, 1]
 * @param standardDeviation per channel, of values in [0, 1], positive
 */
public record Normalization(String name, List<Double> mean, List<Double> standardDeviation) {
    /** CIFAR-10, all 50,000 training images. */
    public static final Normalization CIFAR10 =
            new Normalization("cifar10", List.of(0.4914, 0.4822, 0.4465), List.of(0.2470, 0.2435, 0.2616));
    /** Tiny ImageNet, all 100,000 training images. */
    public static final Normalization TINY_IMAGENET =
            new Normalization("tiny-imagenet", List.of(0.4802, 0.4481, 0.3975), List.of(0.2770, 0.2691, 0.2821));
    /** CIFAR-100, all 50,000 training images. */
    public static final Normalization CIFAR100 =
            new Normalization("cifar100", List.of(0.5071, 0.4865, 0.4409), List.of(0.2673, 0.2564, 0.2762));
    /** SVHN, cropped digits. */
    public static final Normalization SVHN =
            new Normalization("svhn", List.of(0.4377, 0.4438, 0.4728), List.of(0.1980, 0.2010, 0.1970));
    /** CINIC-10. */
    public static final Normalization CINIC10 =
            new Normalization("cinic10", List.of(0.4789, 0.4723, 0.4305), List.of(0.2421, 0.2383, 0.2587));
    /** Fashion-MNIST, one channel; measured before the zero padding to 32×32, as published. */
    public static final Normalization FASHION_MNIST = new Normalization("fashion-mnist", List.of(0.2860), List.of(0.3530));

    /** MNIST, one channel; measured before the zero padding to 32×32, as published. */
    public static final Normalization MNIST = new Normalization("mnist", List.of(0.1307), List.of(0.3081));

    /** What figures are called that were measured from a run's own training images. */
    private static final String MEASURED = "measured";

    /**
     * Mean and deviation of the images of a set, per channel: of exact sums, so the same on every machine.
     *
     * @param border pixels at every side that readers added and that are zero; they do not count
     */
    static Normalization measured(Dataset train, int border) {
        int plane = train.height() * train.width();
        long[] sum = new long[train.channels()];
        long[] squares = new long[train.channels()];
        byte[] scratch = new byte[train.imageBytes()];
        for (int i = 0; i < train.count(); i++) {
            byte[] image = train.pixels(i, scratch);
            for (int at = 0; at < image.length; at++) {
                int value = image[at] & 0xff;
                sum[at / plane] += value;
                squares[at / plane] += value * value;
            }
        }
        double count = (double) train.count() * (train.height() - 2 * border) * (train.width() - 2 * border);
        List<Double> means = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        for (int c = 0; c < sum.length; c++) {
            double mean = sum[c] / count;
            double variance = squares[c] / count - mean * mean;
            means.add(mean / 255);
            // A channel of equal pixels says nothing, however it is scaled.
            deviations.add(variance > 1e-9 ? Math.sqrt(variance) / 255 : 1);
        }
        return new Normalization(MEASURED, means, deviations);
    }

    /** {@return whether the figures are the training images' own and none that were published} */
    public boolean isMeasured() {
        return name.equals(MEASURED);
    }

    /**
     * Checks the figures.
     *
     * @throws IllegalArgumentException if the lists are empty or of unequal length, a figure is not finite or a deviation not positive
     */
    public Normalization {
        mean = List.copyOf(mean);
        standardDeviation = List.copyOf(standardDeviation);
        if (mean.isEmpty() || mean.size() != standardDeviation.size()) {
            throw new IllegalArgumentException("normalization '" + name + "' has " + mean.size() + " means and "
                    + standardDeviation.size() + " standard deviations, expected one of each per channel");
        }
        for (int channel = 0; channel < mean.size(); channel++) {
            double deviation = standardDeviation.get(channel);
            if (!Double.isFinite(mean.get(channel)) || !Double.isFinite(deviation) || deviation <= 0) {
                throw new IllegalArgumentException("normalization '" + name + "', channel " + channel + ": mean " + mean.get(channel)
                        + " and standard deviation " + deviation + ", expected finite figures and a positive deviation");
            }
        }
    }

    /** {@return how many channels these figures are for} */
    public int channels() {
        return mean.size();
    }

    /**
     * The network input of one pixel; computed in double, rounded once.
     *
     * @param channel from 0
     * @param pixel an unsigned byte, 0 to 255
     * @return (pixel / 255 − mean) / standard deviation
     */
    public float normalize(int channel, byte pixel) {
        return (float) (((pixel & 0xff) / 255.0 - mean.get(channel)) / standardDeviation.get(channel));
    }
}

package dev.fedtiny.data;

import dev.fedtiny.engine.tensor.Shape;
import java.util.Objects;

/**
 * Labelled samples, wherever they come from: images ({@link Dataset}), vectors of features, a camera or a database that is read as training
 * goes. A device trains on what it is given; nothing but this interface is asked of it, one sample at a time, from one thread. Positions
 * and values must stay while a device works on one request, and may be others for the next.
 */
public interface Samples {
    /** {@return the number of samples, at least 1} */
    int count();

    /** {@return the shape of every sample, which is that of the network's input} */
    Shape shape();

    /**
     * {@return the class of a sample, from 0 on}
     *
     * @param i position of the sample, from 0 to {@code count() - 1}
     */
    int label(int i);

    /**
     * Writes a sample, as the network takes it: normalised, and finite.
     *
     * @param i position of the sample
     * @param into value v of the sample, in the order channel, row, column, goes to {@code into[offset + v * stride]}; nothing else of it
     *     is to be changed
     * @param offset place of the first value
     * @param stride distance of two values, at least 1
     */
    void write(int i, float[] into, int offset, int stride);

    /**
     * What lies outside a sample, for the augmentation that crops out of a padded one: as the network takes it, such as the normalised
     * black of an image.
     *
     * @param channel from 0 on
     * @return 0 where nothing else is said; the same for all samples
     */
    default float outside(int channel) {
        return 0;
    }

    /**
     * Vectors of features.
     *
     * @param features one array a sample, all of one length; not copied
     * @param labels one a sample, from 0 on; not copied
     * @return the samples, of shape features × 1 × 1
     * @throws DataException if there is none, or lengths disagree
     */
    static Samples of(float[][] features, int[] labels) {
        return of(features.length == 0 ? new Shape(1, 1, 1) : Shape.features(features[0].length), features, labels);
    }

    /**
     * Samples of any shape.
     *
     * @param shape of every sample
     * @param values one array a sample, in the order channel, row, column; not copied
     * @param labels one a sample, from 0 on; not copied
     * @return the samples
     * @throws DataException if there is none, or lengths disagree
     */
    static Samples of(Shape shape, float[][] values, int[] labels) {
        if (values.length == 0 || values.length != labels.length) {
            throw new DataException("samples: " + values.length + " with " + labels.length
                    + " labels, expected at least one and one label each");
        }
        for (int i = 0; i < values.length; i++) {
            if (values[i].length != shape.size()) {
                throw new DataException("sample " + i + " has " + values[i].length + " values, expected " + shape.size() + " (" + shape
                        + ")");
            }
            if (labels[i] < 0) {
                throw new DataException("sample " + i + " has label " + labels[i] + ", expected at least 0");
            }
        }
        return new Samples() {
            @Override
            public int count() {
                return values.length;
            }

            @Override
            public Shape shape() {
                return shape;
            }

            @Override
            public int label(int i) {
                return labels[i];
            }

            @Override
            public void write(int i, float[] into, int offset, int stride) {
                float[] sample = values[Objects.checkIndex(i, values.length)];
                for (int v = 0; v < sample.length; v++) {
                    into[offset + v * stride] = sample[v];
                }
            }

            @Override
            public String toString() {
                return values.length + " samples " + shape;
            }
        };
    }
}

package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import java.util.Arrays;

/**
 * How a session holds the images of a batch until a layer reads them. Where they come as bytes, as from a camera or a file of pixels, they
 * can stay bytes: a quarter of the memory and of the traffic, nothing to normalise beforehand, and the same bits.
 */
public sealed interface ImageForm {
    /** As float32 values, normalised by the caller: 4 bytes each. */
    ImageForm FLOATS = new Floats();

    /**
     * As bytes, normalised as {@code (byte / 255 − mean) / deviation}, bytes being 0 to 255; computed in double, rounded once.
     *
     * @param mean one value a channel, of pixels in [0, 1]
     * @param deviation one value a channel, of pixels in [0, 1], positive
     * @return the form, for networks that take as many channels
     * @throws IllegalArgumentException if there is not one mean and one deviation a channel, or what a byte becomes is not finite
     */
    static Bytes bytes(double[] mean, double[] deviation) {
        Given.notNull(mean, "images as bytes: mean", "one value a channel");
        Given.notNull(deviation, "images as bytes: deviation", "one value a channel");
        if (mean.length != deviation.length) {
            throw new IllegalArgumentException("images as bytes: " + mean.length + " means and " + deviation.length
                    + " deviations, expected one of each a channel");
        }
        return bytes(mean.length, (channel, pixel) -> (float) (((pixel & 0xff) / 255.0 - mean[channel]) / deviation[channel]));
    }

    /**
     * As bytes that stand for whatever the caller says, so that bits are those of any arithmetic. Each of the 256 bytes is asked for once a
     * channel, here.
     *
     * @param channels of the network's input, at least 1
     * @param value what a byte stands for
     * @return the form
     * @throws IllegalArgumentException if there is no channel, or what a byte becomes is not finite
     */
    static Bytes bytes(int channels, ByteValue value) {
        return new Bytes(channels, Given.notNull(value, "images as bytes: value", "what a byte stands for"));
    }

    /** {@return bytes that a value of an image takes} */
    int bytesAValue();

    /** What a byte stands for. */
    @FunctionalInterface
    interface ByteValue {
        /**
         * The network's input.
         *
         * @param channel from 0 on
         * @param pixel all eight bits: {@code pixel & 0xff} is 0 to 255
         * @return a finite number
         */
        float of(int channel, byte pixel);
    }

    /** Values as they are given. */
    record Floats() implements ImageForm {
        @Override
        public int bytesAValue() {
            return Float.BYTES;
        }
    }

    /** A byte a value, N,C,H,W, and what the 256 bytes stand for in every channel. Two of the same values are equal. */
    final class Bytes implements ImageForm {
        /** Different bytes. */
        private static final int COUNT = 1 << Byte.SIZE;

        private final float[] values;

        private Bytes(int channels, ByteValue value) {
            if (channels < 1) {
                throw new IllegalArgumentException("images as bytes: " + channels + " channels, expected at least 1");
            }
            values = new float[channels * COUNT];
            for (int i = 0; i < values.length; i++) {
                values[i] = value.of(i / COUNT, (byte) (i % COUNT));
                if (!Float.isFinite(values[i])) {
                    throw new IllegalArgumentException("images as bytes: byte " + i % COUNT + " of channel " + i / COUNT + " stands for "
                            + values[i] + ", expected finite numbers; a deviation must not be 0");
                }
            }
        }

        @Override
        public int bytesAValue() {
            return Byte.BYTES;
        }

        /** {@return channels of an image} */
        public int channels() {
            return values.length / COUNT;
        }

        /**
         * What a byte stands for.
         *
         * @param channel from 0, below {@link #channels()}
         * @param pixel all eight bits
         * @return the network's input
         */
        public float value(int channel, byte pixel) {
            return values[channel * COUNT + (pixel & 0xff)];
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes bytes && Arrays.equals(values, bytes.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }

        @Override
        public String toString() {
            return "bytes of " + channels() + " channels";
        }
    }
}

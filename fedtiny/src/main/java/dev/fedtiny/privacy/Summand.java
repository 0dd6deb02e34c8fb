package dev.fedtiny.privacy;

import java.util.List;

/**
 * What a device adds to a sum: numbers that count as they are, arrays that count with a weight, and votes. The weight is its first word, so
 * that the sum of the weights comes with the sum. Read piece by piece; nothing is copied.
 */
public final class Summand {
    private final double[] figures;
    private final int weight;
    private final List<float[]> arrays;
    private final List<byte[]> ballots;

    /**
     * A device's values.
     *
     * @param weight n_k, at least 1
     * @param figures that are added as they are
     * @param arrays of which n_k·x is added; not to be changed before they were read
     * @param ballots 0 or 1 each; not to be changed before they were read
     */
    public Summand(int weight, List<Double> figures, List<float[]> arrays, List<byte[]> ballots) {
        this.figures = new double[1 + figures.size()];
        this.figures[0] = weight;
        for (int i = 0; i < figures.size(); i++) {
            this.figures[1 + i] = figures.get(i);
        }
        this.weight = weight;
        this.arrays = List.copyOf(arrays);
        this.ballots = List.copyOf(ballots);
    }

    /**
     * Its layout in a sum.
     *
     * @param devices in the sum
     * @return words and ballots
     */
    public SumLayout layout(int devices) {
        return SumLayout.of(Math.toIntExact(figures.length + arrays.stream().mapToLong(array -> array.length).sum()),
                Math.toIntExact(ballots.stream().mapToLong(array -> array.length).sum()), devices);
    }

    /**
     * Checks that all numbers have a place in a sum of so many devices.
     *
     * @param devices in the sum
     * @throws ArithmeticException if one is too large, or no number
     */
    void check(int devices) {
        double largest = SecureAggregation.largest(devices);
        for (double figure : figures) {
            check(figure, largest, devices);
        }
        for (float[] array : arrays) {
            for (float value : array) {
                check(weight * (double) value, largest, devices);
            }
        }
    }

    private static void check(double value, double largest, int devices) {
        if (!(Math.abs(value) <= largest)) {
            throw new ArithmeticException("a weighted value of " + value + " has no place in a secure sum of " + devices
                    + " devices, expected at most " + largest + " in magnitude; use a smaller learning rate, or fewer devices a round");
        }
    }

    /** Where reading stands. */
    final class Reading {
        private int figure;
        private int array;
        private int place;
        private int ballotArray;
        private int ballotPlace;

        /** The next words. */
        void words(double[] into, int count) {
            int done = 0;
            while (done < count && figure < figures.length) {
                into[done++] = figures[figure++];
            }
            while (done < count) {
                float[] values = arrays.get(array);
                int some = Math.min(count - done, values.length - place);
                for (int i = 0; i < some; i++) {
                    into[done + i] = weight * (double) values[place + i];
                }
                done += some;
                place += some;
                if (place == values.length) {
                    array++;
                    place = 0;
                }
            }
        }

        /** The next ballots. */
        void ballots(int[] into, int count) {
            for (int done = 0; done < count;) {
                byte[] votes = ballots.get(ballotArray);
                int some = Math.min(count - done, votes.length - ballotPlace);
                for (int i = 0; i < some; i++) {
                    into[done + i] = votes[ballotPlace + i];
                }
                done += some;
                ballotPlace += some;
                if (ballotPlace == votes.length) {
                    ballotArray++;
                    ballotPlace = 0;
                }
            }
        }
    }

    /** From the beginning. */
    Reading read() {
        return new Reading();
    }

    /**
     * Votes for positions of an array.
     *
     * @param size of the array
     * @param positions that are voted for
     * @return one ballot a position
     */
    public static byte[] votes(int size, int[] positions) {
        byte[] votes = new byte[size];
        for (int position : positions) {
            votes[position] = 1;
        }
        return votes;
    }
}

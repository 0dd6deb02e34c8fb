package dev.fedtiny.data;

/**
 * The two parts of a data set.
 *
 * @param train what devices and the public set are drawn from
 * @param test what models are judged on; nothing is ever trained or selected with it
 */
public record TrainTest(Dataset train, Dataset test) {
    /**
     * Checks that the parts fit together.
     *
     * @throws DataException if image sizes or classes differ
     */
    public TrainTest {
        if (train.channels() != test.channels() || train.height() != test.height() || train.width() != test.width()
                || train.classes() != test.classes()) {
            throw new DataException("training part (" + train + ") and test part (" + test + ") differ, expected equal sizes and classes");
        }
    }
}

package dev.fedtiny.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The two parts of a data set.
 *
 * @param train what devices and the public set are drawn from
 * @param test what models are judged on; nothing is ever trained or selected with it
 * @param notes what a user should know of how the files were taken, one sentence each; mostly none
 */
public record TrainTest(Dataset train, Dataset test, List<String> notes) {
    /**
     * Checks that the parts fit together.
     *
     * @throws DataException if image sizes or classes differ
     */
    public TrainTest {
        notes = List.copyOf(notes);
        if (train.channels() != test.channels() || train.height() != test.height() || train.width() != test.width()
                || train.classes() != test.classes()) {
            throw new DataException("training part (" + train + ") and test part (" + test + ") differ, expected equal sizes and classes");
        }
    }

    /**
     * Parts of which nothing is to be said.
     *
     * @param train what devices and the public set are drawn from
     * @param test what models are judged on
     */
    public TrainTest(Dataset train, Dataset test) {
        this(train, test, List.of());
    }

    /** The same with a sentence more. */
    TrainTest noting(String sentence) {
        List<String> more = new ArrayList<>(notes);
        more.add(sentence);
        return new TrainTest(train, test, more);
    }

    /**
     * The same images taken for another kind: its figures, or what is measured from the training part, for both parts.
     *
     * @param border pixels at every side that readers added; they do not count in what is measured
     * @throws DataException if images of this form cannot be of that kind
     */
    TrainTest as(DatasetKind kind, int border) {
        if (!kind.fits(train.channels(), train.classes())) {
            throw new DataException("the images (" + train + ") cannot be " + kind.title() + ": channels or classes differ; give another "
                    + "dataset, or neutral");
        }
        List<String> names = kind == train.kind() ? train.classNames() : kind.classNames();
        Normalization figures = kind.normalization().orElseGet(() -> Normalization.measured(train, border));
        return new TrainTest(train.as(kind, figures, names), test.as(kind, figures, names), notes);
    }

    /** The figures of a normalisation, for a sentence. */
    static String figures(Normalization normalization) {
        return "mean " + numbers(normalization.mean()) + ", deviation " + numbers(normalization.standardDeviation());
    }

    private static String numbers(List<Double> values) {
        return values.stream().map(value -> String.format(Locale.ROOT, "%.4f", value)).collect(Collectors.joining(" "));
    }
}

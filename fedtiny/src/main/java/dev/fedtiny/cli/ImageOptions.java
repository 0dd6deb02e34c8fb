package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command.Option;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.data.Cifar100Labels;
import dev.fedtiny.data.DatasetKind;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.TrainTest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Options of commands that read a folder of images without settings, and say of them what {@code run} says by settings. */
final class ImageOptions {
    static final String LABELS = "labels";
    static final String DATASET = "dataset";

    private ImageOptions() {
    }

    /** Which labels, and what the images are taken for. */
    static List<Option> options() {
        return List.of(Option.value(DATASET, "NAME", "auto", "what its images are, as the setting dataset says: auto or one of "
                + DatasetKind.keys()), labels("which labels of CIFAR-100, as the setting labels says"));
    }

    static Option labels(String help) {
        return Option.value(LABELS, "fine|coarse", "fine", help);
    }

    /** What the images are taken for; empty: what the files say. */
    static Optional<DatasetKind> kind(Arguments arguments) {
        return arguments.value(DATASET).filter(name -> !name.equals("auto")).map(DatasetKind::ofKey);
    }

    static Cifar100Labels labels(Arguments arguments) {
        String text = arguments.value(LABELS).orElse("fine");
        return Arrays.stream(Cifar100Labels.values()).filter(l -> l.name().toLowerCase(Locale.ROOT).equals(text)).findFirst()
                .orElseThrow(() -> new UsageException("option --labels is '" + text + "', expected fine or coarse"));
    }

    /** Both parts of a folder's images. */
    static TrainTest open(Path folder, Arguments arguments) {
        return Datasets.open(folder, labels(arguments), kind(arguments));
    }
}

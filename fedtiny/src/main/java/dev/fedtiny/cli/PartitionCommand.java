package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Partition;
import dev.fedtiny.data.PartitionFile;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.report.TextTable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Keeps the split of an experiment's training images in a file. */
final class PartitionCommand implements Command {
    @Override
    public String name() {
        return "partition";
    }

    @Override
    public String summary() {
        return "write who gets which training images to a file that runs and other programs can use";
    }

    @Override
    public String usage() {
        return "[FILE] [--set key=value]... --out FILE";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return List.of(ExperimentArguments.SET, Option.value("out", "FILE", "none; must be given", "JSON file to create"));
    }

    @Override
    public String details() {
        return "The split follows from data, labels, max-images, public-per-class, devices, partition, alpha, smallest-share and seed. "
                + "The file holds the "
                + "algorithm, alpha, the seed, the number of training images, the SHA-256 of their labels, and for the public "
                + "set and every device the positions of its images, counted from 0. Use it with --set partition-file=FILE.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Path out = Path.of(arguments.value("out").orElseThrow(() -> new UsageException("partition needs --out FILE")));
        Experiment experiment = Experiment.of(ExperimentArguments.given(arguments));
        Dataset train = experiment.open().train();
        PartitionFile file = experiment.drawSplit(train);
        try {
            file.write(out);
        } catch (FileAlreadyExistsException e) {
            throw new UsageException("'" + out + "' exists already; give another --out");
        }
        Partition devices = file.split().devices();
        TextTable table = new TextTable("device", "images", "of each class");
        int[][] histogram = devices.classHistogram(train);
        for (int device = 0; device < histogram.length; device++) {
            table.row(Integer.toString(device), Integer.toString(devices.size(device)), spaced(histogram[device]));
        }
        terminal.out().print(table);
        terminal.out().println(file.split().publicSet().length + " public images; labels " + file.labelHash() + "; written to " + out);
        return ExitCode.OK;
    }

    private static String spaced(int[] counts) {
        return Arrays.stream(counts).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }
}

package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.data.Partition;
import dev.fedtiny.data.PartitionFile;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.report.TextTable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/** Keeps the split of an experiment's training images in a file. */
final class PartitionCommand implements Command {
    /** Devices that have a line with figures. */
    private static final int MOST_LINES = 100;

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
        return "[FILE] [--set key=value]... --out FILE [--shares DIR] [--json]";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return List.of(ExperimentArguments.SET, Option.value("out", "FILE", "none; must be given", "JSON file to create"),
                Option.value("shares", "DIR", "none", "folder to create with a file of images a device, device-N.images, for 'join'"),
                Option.json());
    }

    @Override
    public String details() {
        return "The split follows from data, labels, max-images, public-per-class, devices, partition with its settings, and seed. It is "
                + "shown as a picture, and up to " + MOST_LINES + " devices with figures; --json has all. The file holds the "
                + "algorithm, its parameters, the seed, the number of training images, the SHA-256 of their labels, and for the public "
                + "set and every device the positions of its images, counted from 0. Use it with --set partition-file=FILE.";
    }

    @Override
    public String fields() {
        return """
                file: what was written
                labelsSha256: of the training images' labels
                publicImages: how many are in the public set
                devices: one object a device: device (from 0), images, byClass (images of each class)""";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Path out = Path.of(arguments.value("out").orElseThrow(() -> new UsageException("partition needs --out FILE")));
        Experiment experiment = Experiment.of(ExperimentArguments.given(arguments));
        if (experiment.get(Setting.PARTITION_FILE).isPresent()) {
            throw new UsageException("the setting partition-file has no effect here, since the split is drawn and not read: leave it out, "
                    + "or set it to none");
        }
        Dataset train = experiment.open().train();
        PartitionFile file = experiment.drawSplit(train);
        Optional<Path> shares = arguments.value("shares").map(Path::of);
        refuseExisting(out, "out");
        shares.ifPresent(folder -> refuseExisting(folder, "shares"));
        write(file, out, shares, experiment);
        Partition devices = file.split().devices();
        TextTable table = new TextTable("device", "images", "of each class");
        int[][] histogram = devices.classHistogram(train);
        List<JsonValue> objects = new ArrayList<>();
        for (int device = 0; device < histogram.length; device++) {
            table.row(Integer.toString(device), Integer.toString(devices.size(device)), spaced(histogram[device]));
            objects.add(JsonObject.builder().put("device", device).put("images", devices.size(device)).put("byClass",
                    new JsonValue.JsonArray(Arrays.stream(histogram[device]).mapToObj(JsonValue::of).toList())).build());
        }
        terminal.out().println(file.algorithm() + file.parameters().entrySet().stream()
                .map(parameter -> ", " + parameter.getKey() + " " + parameter.getValue()).collect(Collectors.joining()) + ", seed "
                + file.seed());
        terminal.out().print(new SplitPicture(histogram, terminal.out().charset()));
        terminal.out().println();
        if (histogram.length <= MOST_LINES) {
            terminal.out().print(table);
        }
        terminal.out().println(file.split().publicSet().length + " public images; labels " + file.labelHash() + "; written to " + out);
        terminal.document(document -> document.put("file", out.toString()).put("labelsSha256", file.labelHash())
                .put("publicImages", file.split().publicSet().length).put("devices", new JsonValue.JsonArray(objects)));
        return ExitCode.OK;
    }

    private static void refuseExisting(Path path, String option) {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw existing(path, option);
        }
    }

    private static UsageException existing(Path path, String option) {
        return new UsageException("'" + path + "' exists already; give another --" + option);
    }

    /** The folder has its name when all shares are in it: a node takes what is in such a folder for all that it is to have. */
    private static void write(PartitionFile file, Path out, Optional<Path> shares, Experiment experiment) throws IOException {
        Optional<Path> fresh = shares.map(folder -> folder.resolveSibling("." + folder.getFileName() + "." + UUID.randomUUID() + ".tmp"));
        try {
            if (fresh.isPresent()) {
                create(fresh.get(), shares.get());
                List<Dataset> devices = experiment.data(experiment.open()).devices();
                for (int device = 0; device < devices.size(); device++) {
                    ImageFile.write(devices.get(device), fresh.get().resolve("device-" + device + ".images"));
                }
            }
            file.write(out);
            if (fresh.isPresent()) {
                Files.move(fresh.get(), shares.get(), StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (FileAlreadyExistsException e) {
            throw existing(out, "out");
        } finally {
            fresh.ifPresent(PrivateFolder::remove);
        }
    }

    private static void create(Path fresh, Path folder) throws IOException {
        try {
            PrivateFolder.create(fresh);
        } catch (FileWriteException e) {
            throw new FileWriteException(folder, (IOException) e.getCause());
        }
    }

    private static String spaced(int[] counts) {
        return Arrays.stream(counts).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }
}

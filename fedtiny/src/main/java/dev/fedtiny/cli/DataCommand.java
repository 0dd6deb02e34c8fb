package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Ineffective;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.data.Cifar100Labels;
import dev.fedtiny.data.DataException;
import dev.fedtiny.data.DataSource;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DatasetKind;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.FileCheck;
import dev.fedtiny.data.PublishedFile;
import dev.fedtiny.data.PublishedSet;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.experiment.Nearest;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.settings.SettingSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Says which files a data set consists of and where they come from, and verifies what lies in a folder. */
final class DataCommand implements Command {
    @Override
    public String name() {
        return "data";
    }

    @Override
    public String summary() {
        return "which files a data set needs, where they officially come from, and whether those in a folder are sound";
    }

    @Override
    public String usage() {
        return "NAME [DIR] [--json]";
    }

    @Override
    public int mostOperands() {
        return 2;
    }

    @Override
    public List<Option> options() {
        return List.of(ImageOptions.labels("which labels of CIFAR-100 to count"), Option.json());
    }

    @Override
    public List<Ineffective> ineffective() {
        return List.of(new Ineffective("labels", arguments -> arguments.positional().size() == 2
                && !arguments.positional().getFirst().equals(PublishedSet.CIFAR100.key()),
                "on other sets than " + PublishedSet.CIFAR100.key() + ", which alone has two kinds of labels: leave it out"),
                new Ineffective("labels", arguments -> arguments.positional().size() == 1,
                "without the folder whose labels are to be counted: give that, too, or leave it out"));
    }

    @Override
    public String fields() {
        return """
                name, title, page, layout: of the data set
                trainImages, testImages: as published
                files: one object a file: name, bytes, md5 (where one is published), origin (left out where it comes out of the archive); \
                with DIR also bytesHere and verdict (missing, packed, unpacked, as-published, other-size, wrong-checksum)
                classes: with DIR, one object a class: name, train, test
                train, test: with DIR, images and sha256 of each part
                complete: with DIR, whether the numbers of images are the published ones""";
    }

    @Override
    public String details() {
        return "NAME is one of " + String.join(", ", names())
                + ". Nothing is ever fetched: the command prints addresses, sizes and checksums, and, given DIR, reads everything in it: "
                + "sizes and checksums against the published ones, numbers of images, labels by class, and a SHA-256 of labels and pixels "
                + "that tells whether two folders hold the same images.";
    }

    private static List<String> names() {
        return Arrays.stream(PublishedSet.values()).map(PublishedSet::key).toList();
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        List<String> words = arguments.positional();
        if (words.isEmpty() || words.size() > 2) {
            throw new UsageException("expected the name of a data set (" + String.join(", ", names()) + ") and perhaps a folder");
        }
        PublishedSet set = Arrays.stream(PublishedSet.values()).filter(s -> s.key().equals(words.getFirst())).findFirst()
                .orElseThrow(() -> new UsageException("no data set is called '" + words.getFirst() + "'"
                        + Nearest.to(words.getFirst(), names()).map(n -> "; did you mean '" + n + "'? Known are ").orElse("; known are ")
                        + String.join(", ", names())));
        Cifar100Labels labels = ImageOptions.labels(arguments);
        terminal.out().println(set.kind().title() + ": " + set.trainImages() + " training and " + set.testImages() + " test images. "
                + set.page());
        terminal.out().println(set.layout() + ".");
        terminal.document(document -> document.put("name", set.key()).put("title", set.kind().title()).put("page", set.page())
                .put("layout", set.layout()).put("trainImages", set.trainImages()).put("testImages", set.testImages()));
        if (words.size() == 1) {
            terminal.out().print(expected(set));
            terminal.document(document -> document.put("files",
                    new JsonValue.JsonArray(set.files().stream().map(file -> (JsonValue) json(file).build()).toList())));
            return ExitCode.OK;
        }
        Path directory = DataSource.folder(Path.of(words.get(1)));
        List<FileCheck> checks = new ArrayList<>();
        TrainTest both = Datasets.open(directory, labels);
        set.files().forEach(file -> checks.add(FileCheck.of(file, directory)));
        terminal.out().print(found(checks));
        terminal.document(document -> document.put("files",
                new JsonValue.JsonArray(checks.stream().map(check -> (JsonValue) json(check.file()).put("bytesHere", check.bytes())
                        .put("verdict", SettingSpec.word(check.verdict())).build()).toList())));
        if (both.train().kind() == DatasetKind.CUSTOM && both.train().classNames().isEmpty()) {
            both = Datasets.open(directory, labels, Optional.of(set.kind()));
            terminal.out().println("These are not the published files: taken for " + set.kind().title()
                    + " since the command says so; a run "
                    + "needs --set dataset=" + set.key() + " to do the same.");
        }
        if (both.train().kind() != set.kind()) {
            throw new DataException(directory + ": holds " + (both.train().kind() == DatasetKind.CUSTOM ? "images of other classes"
                    : both.train().kind().title()) + ", not " + set.kind().title());
        }
        both.notes().forEach(note -> terminal.err().println("fedtiny: warning: " + note));
        terminal.out().print(images(both));
        TrainTest parts = both;
        terminal.document(document -> document.put("classes", classes(parts)).put("train", json(parts.train()))
                .put("test", json(parts.test())).put("complete", isWhole(set, parts)));
        terminal.out().println("training images, SHA-256 " + both.train().contentHash());
        terminal.out().println("test images,     SHA-256 " + both.test().contentHash());
        checks.stream().filter(check -> check.verdict() == FileCheck.Verdict.WRONG_CHECKSUM).findFirst().ifPresent(check -> {
            throw new DataException(directory.resolve(check.file().name()) + ": has the published size but not the published MD5 "
                    + check.file().md5().orElseThrow() + "; it is damaged or was changed, fetch it again");
        });
        terminal.out().println(isWhole(set, both) ? "The numbers of images are the published ones."
                : "This is a part: " + both.train().count() + " of " + set.trainImages() + " training and " + both.test().count() + " of "
                        + set.testImages() + " test images.");
        return ExitCode.OK;
    }

    private static boolean isWhole(PublishedSet set, TrainTest both) {
        return both.train().count() == set.trainImages() && both.test().count() == set.testImages();
    }

    private static JsonObject.Builder json(PublishedFile file) {
        JsonObject.Builder object = JsonObject.builder().put("name", file.name()).put("bytes", file.bytes());
        file.md5().ifPresent(md5 -> object.put("md5", md5));
        return file.origin().isEmpty() ? object : object.put("origin", file.origin());
    }

    private static JsonObject json(Dataset part) {
        return JsonObject.builder().put("images", part.count()).put("sha256", part.contentHash()).build();
    }

    private static JsonValue classes(TrainTest both) {
        List<JsonValue> classes = new ArrayList<>();
        int[] train = both.train().classCounts();
        int[] test = both.test().classCounts();
        for (int c = 0; c < train.length; c++) {
            classes.add(JsonObject.builder().put("name", className(both, c)).put("train", train[c]).put("test", test[c]).build());
        }
        return new JsonValue.JsonArray(classes);
    }

    private static String className(TrainTest both, int c) {
        List<String> names = both.train().classNames();
        return names.isEmpty() ? Integer.toString(c) : names.get(c);
    }

    private static TextTable expected(PublishedSet set) {
        TextTable table = new TextTable("file", "bytes", "MD5", "from");
        for (PublishedFile file : set.files()) {
            table.row(file.name(), Long.toString(file.bytes()), file.md5().orElse("-"),
                    file.origin().isEmpty() ? "the archive" : file.origin());
        }
        return table;
    }

    private static TextTable found(List<FileCheck> checks) {
        TextTable table = new TextTable("file", "published bytes", "bytes here", "verdict");
        for (FileCheck check : checks) {
            String verdict = switch (check.verdict()) {
                case MISSING -> "not here";
                case PACKED -> "here packed, as .gz";
                case UNPACKED -> "here unpacked";
                case AS_PUBLISHED -> check.file().md5().isPresent() ? "size and MD5 as published" : "size as published";
                case OTHER_SIZE -> "another size: a part, or packed anew";
                case WRONG_CHECKSUM -> "size as published, MD5 is not";
            };
            table.row(check.file().name(), Long.toString(check.file().bytes()), Long.toString(check.bytes()), verdict);
        }
        return table;
    }

    private static TextTable images(TrainTest both) {
        TextTable table = new TextTable("class", "training images", "test images");
        int[] train = both.train().classCounts();
        int[] test = both.test().classCounts();
        for (int c = 0; c < train.length; c++) {
            table.row(className(both, c), Integer.toString(train[c]), Integer.toString(test[c]));
        }
        return table.row("all", Integer.toString(both.train().count()), Integer.toString(both.test().count()));
    }
}

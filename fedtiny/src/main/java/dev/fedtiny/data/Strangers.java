package dev.fedtiny.data;

import dev.fedtiny.engine.io.FileSignature;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Forms of data sets that people have and that are not read, told by name together with what to fetch or do in their place. */
final class Strangers {
    private static final Pattern CIFAR10_PART = Pattern.compile("(data_batch_\\d{1,4}|test_batch|batches\\.meta)(\\.mat)?");
    private static final List<String> CIFAR100_PARTS = List.of("train", "test", "meta");
    private static final Pattern ARCHIVE = Pattern.compile(".*\\.(tar|tgz|zip|7z|rar|tar\\.(gz|bz2|xz|zst))", Pattern.CASE_INSENSITIVE);
    private static final String BINARY = ", which is not read; fetch the binary version, ";

    private Strangers() {
    }

    /** One sentence about what lies in a folder, or in one directly in it; empty where nothing is known by name. */
    static Optional<String> in(Listing listing) {
        List<Listing> places = new ArrayList<>(List.of(listing));
        listing.folders().stream().limit(20).map(Listing::of).forEach(places::add);
        return places.stream().flatMap(place -> Stream.of(cifar10(place), cifar100(place))).flatMap(Optional::stream).findFirst()
                .or(() -> places.stream().map(Strangers::archive).flatMap(Optional::stream).findFirst());
    }

    private static Optional<String> cifar10(Listing place) {
        return place.files().stream().map(Listing::name).filter(name -> CIFAR10_PART.matcher(name).matches()).findFirst()
                .map(name -> place.folder() + ": holds " + (name.endsWith(".mat") ? "the MATLAB version" : "the Python version (pickles)")
                        + " of CIFAR-10, for example " + name + BINARY + "cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/, "
                        + "unpack it and give its folder cifar-10-batches-bin");
    }

    private static Optional<String> cifar100(Listing place) {
        boolean matlab = Stream.of("train.mat", "test.mat").allMatch(name -> place.file(name).isPresent());
        boolean pickles = CIFAR100_PARTS.stream().allMatch(name -> place.file(name).filter(Strangers::isPickle).isPresent());
        return !matlab && !pickles ? Optional.empty()
                : Optional.of(place.folder() + ": holds " + (pickles ? "the Python version (pickles)" : "the MATLAB version")
                        + " of CIFAR-100" + BINARY + "cifar-100-binary.tar.gz from https://www.cs.toronto.edu/~kriz/, unpack it and give "
                        + "its folder cifar-100-binary");
    }

    private static boolean isPickle(Path file) {
        return FileSignature.describe(file).equals(Optional.of(FileSignature.PICKLE.sentence()));
    }

    private static Optional<String> archive(Listing place) {
        return place.files().stream().map(Listing::name).filter(name -> ARCHIVE.matcher(name).matches()).findFirst()
                .map(name -> place.folder() + ": holds no known data set but an archive, " + name + "; unpack it first ("
                        + (name.toLowerCase(Locale.ROOT).endsWith("zip") ? "unzip " : "tar -xf ") + name + ")");
    }
}

package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Finds out which known network a {@code state_dict} of others is of: the architecture by the names, its width by the first convolution,
 * the classes by the last layer, the images' channels by the first convolution and, where a layer's shape depends on it, their size.
 */
public final class StateDictSpec {
    private static final int LARGEST = 1 << 16;
    /** A width that is unlike 1 in every network whose channels depend on it. */
    private static final int WIDE = 64;
    /** Sides of images that are tried where a shape depends on them, the usual ones first. */
    private static final int[] SIDES = IntStream.concat(IntStream.of(32, 28, 64, 96, 128, 224), IntStream.range(8, 257)).toArray();

    private final SafetensorsFile file;
    private final Known known;

    /**
     * What is known beforehand; whatever is empty is found out.
     *
     * @param architecture which network
     * @param width channels of the first stage
     * @param classes logits
     * @param input images that the model takes
     * @param data images at hand, whose size is the first guess where the file does not say it
     */
    public record Known(Optional<Architecture> architecture, OptionalInt width, OptionalInt classes, Optional<Shape> input,
            Optional<Shape> data) {
        /** Nothing. */
        public static final Known NOTHING = new Known(Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), Optional.empty(),
                Optional.empty());

        /**
         * The same, with images at hand.
         *
         * @param images channels, height and width of one image
         * @return a copy that knows them
         */
        public Known withData(Shape images) {
            Given.notNull(images, "state_dict: images", "the shape of an image at hand");
            return new Known(architecture, width, classes, input, Optional.of(images));
        }
    }

    /**
     * A network that a file's tensors fit, name by name and shape by shape.
     *
     * @param spec the network
     * @param found one sentence for each thing that was found out, not given
     */
    public record Inferred(NetworkSpec spec, List<String> found) {
        /** Keeps its own copy. */
        public Inferred {
            found = List.copyOf(found);
        }
    }

    private record Candidate(NetworkSpec spec, StateDictProblems problems, StateDictNames names) {
    }

    private StateDictSpec(SafetensorsFile file, Known known) {
        this.file = file;
        this.known = known;
    }

    /**
     * Finds the network of a file.
     *
     * @param file an open file, of which only the header is looked at
     * @param known what need not be found out
     * @return the network, and what was guessed on the way
     * @throws SafetensorsException if the tensors fit none: how they differ from the nearest, or from the one that is known
     */
    public static Inferred infer(SafetensorsFile file, Known known) throws SafetensorsException {
        Given.notNull(file, "state_dict: file", "an open safetensors file");
        Given.notNull(known, "state_dict: known", "what is known beforehand; Known.NOTHING where nothing is");
        return new StateDictSpec(file, known).infer();
    }

    private Inferred infer() throws SafetensorsException {
        Candidate nearest = null;
        for (Architecture architecture : known.architecture().map(List::of).orElse(List.of(Architecture.values()))) {
            Optional<Candidate> candidate = nearest(architecture);
            if (candidate.isPresent() && (nearest == null || candidate.get().problems().count() < nearest.problems().count())) {
                nearest = candidate.get();
            }
        }
        if (nearest == null || nearest.names().found() == 0 && known.architecture().isEmpty()) {
            throw new SafetensorsException(file.name(), -1, "none of its " + file.tensors().size() + " tensors"
                    + file.tensors().stream().findFirst().map(first -> ", the first of which is '" + first.name() + "',").orElse("")
                    + " has a name of a known network; name the network if it is one");
        }
        if (nearest.problems().count() > 0) {
            SafetensorsException failure = nearest.problems().failure(file.name(), nearest.names());
            String what = known.architecture().isPresent() ? "as " : "no known network has these tensors; the nearest is ";
            throw new SafetensorsException(file.name(), failure.byteOffset(), what + described(nearest.spec()) + ": " + failure.problem(),
                    failure);
        }
        return new Inferred(nearest.spec(), found(nearest));
    }

    private static String described(NetworkSpec spec) {
        return spec.architecture().key() + " (width " + spec.width() + ", " + spec.classes() + " classes, images " + spec.input() + ")";
    }

    private List<String> found(Candidate candidate) {
        NetworkSpec spec = candidate.spec();
        List<String> found = new ArrayList<>();
        if (known.architecture().isEmpty()) {
            found.add("model " + spec.architecture().key() + " by the tensors' names and shapes");
        }
        if (known.width().isEmpty()) {
            found.add("width " + spec.width() + " by the first convolution");
        }
        if (known.classes().isEmpty()) {
            found.add("classes " + spec.classes() + " by the last layer");
        }
        if (known.input().isEmpty()) {
            found.add("images " + spec.input() + ", their channels by the first convolution, their size "
                    + (known.data().isPresent() ? "as the data has it or " : "") + "as usual where no shape depends on it");
        }
        if (!candidate.names().prefix().isEmpty()) {
            found.add("keys begin with '" + candidate.names().prefix() + "'");
        }
        return found;
    }

    /** The architecture with the numbers that the file's shapes give, for the size of images that fits best. */
    private Optional<Candidate> nearest(Architecture architecture) throws SafetensorsException {
        Shape first = known.input().or(known::data).orElse(architecture.usual().input());
        Optional<Candidate> best = candidate(architecture, first);
        if (known.input().isPresent()) {
            return best;
        }
        if (best.isPresent() && (best.get().problems().onlyShapes() == 0 || !dependsOnSize(best.get().spec()))) {
            return best;
        }
        for (int channels : new int[] {first.channels(), 1, 3}) {
            for (int side : SIDES) {
                Optional<Candidate> other = candidate(architecture, new Shape(channels, side, side));
                if (other.isPresent() && (best.isEmpty() || other.get().problems().count() < best.get().problems().count())) {
                    best = other;
                }
                if (best.isPresent() && best.get().problems().onlyShapes() == 0) {
                    return best;
                }
            }
        }
        return best;
    }

    private static boolean dependsOnSize(NetworkSpec spec) {
        Shape larger = new Shape(spec.input().channels(), 2 * spec.input().height(), 2 * spec.input().width());
        NetworkSpec other = new NetworkSpec(spec.architecture(), larger, spec.width(), spec.classes());
        return !spec.build().parameters().equals(other.build().parameters());
    }

    private Optional<Candidate> candidate(Architecture architecture, Shape images) throws SafetensorsException {
        try {
            NetworkSpec probe = new NetworkSpec(architecture, images, 1, 1);
            List<Parameter> weights = probe.build().parameters().stream().filter(p -> p.kind().isWeight()).toList();
            StateDictNames names = StateDictNames.of(file, probe.build());
            List<Long> stem = shape(names, weights.getFirst());
            List<Long> head = shape(names, weights.getLast());
            // Some networks have their channels from the architecture; width says nothing about them.
            boolean scales = !weights.getFirst().equals(firstWeight(new NetworkSpec(architecture, images, WIDE, 1)));
            int width = known.width().orElse(scales ? number(stem, 0, 1) : 1);
            int channels = known.input().map(Shape::channels).orElse(stem.size() == 4 ? number(stem, 1, images.channels())
                    : images.channels());
            NetworkSpec spec = new NetworkSpec(architecture, new Shape(channels, images.height(), images.width()), width,
                    known.classes().orElse(number(head, 0, 1)));
            ModelDecoder decoder = new ModelDecoder(file, spec.build(), ModelFile.Zeros.BY_TYPE);
            return Optional.of(new Candidate(spec, decoder.problems(), names));
        } catch (IllegalArgumentException e) {
            // No such network for images of this size.
            return Optional.empty();
        }
    }

    private static Parameter firstWeight(NetworkSpec spec) {
        return spec.build().parameters().stream().filter(p -> p.kind().isWeight()).findFirst().orElseThrow();
    }

    private static List<Long> shape(StateDictNames names, Parameter weight) {
        return names.find(weight.name()).or(() -> names.find(weight.name() + StateDictNames.ORIGINAL)).map(TensorEntry::shape)
                .filter(shape -> shape.size() == weight.shape().size()).orElse(List.of());
    }

    private static int number(List<Long> shape, int dimension, int otherwise) {
        long extent = shape.isEmpty() ? otherwise : shape.get(dimension);
        return extent >= 1 && extent <= LARGEST ? (int) extent : otherwise;
    }
}

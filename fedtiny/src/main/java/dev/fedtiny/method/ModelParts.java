package dev.fedtiny.method;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.federation.DeviceClasses;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.pruning.PartCounts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The masks in force: those of the whole model, whose version this is, and nested in them those of {@link DeviceClasses} that hold a part
 * of it. A class keeps, of every layer, the largest weights by magnitude of what the next denser class keeps, the same share of each
 * layer ({@link PartCounts}). Parts are chosen when the run starts. When the model's masks change, a part keeps what it holds and what is
 * still there, and only the places of what was pruned go to the largest weights that it does not hold: chosen anew by magnitude alone, a
 * part would be another network after every adjustment, which nobody has trained. In between parts stay. Every part has running
 * statistics of its own, as slimmable networks have for every width (Yu et al., ICLR 2019): another mask is another network, whose
 * activations are distributed otherwise. Immutable.
 *
 * @param version rises by one with every change of the model's masks
 * @param parts one a class, densest first, without the first class, which holds the whole model; empty without classes
 */
public record ModelParts(int version, List<Part> parts) {
    /**
     * What devices of a class hold.
     *
     * @param masks one a parameter, within those of the part before, or of the model
     * @param statistics running means and variances as devices of this class had them
     */
    public record Part(List<Mask> masks, RunningStatistics statistics) {
        /** Keeps its own list. */
        public Part {
            masks = List.copyOf(masks);
            Objects.requireNonNull(statistics, "statistics");
        }
    }

    /** Keeps its own list. */
    public ModelParts {
        parts = List.copyOf(parts);
    }

    /**
     * Without classes.
     *
     * @param version of the model's masks
     * @return no parts
     */
    public static ModelParts none(int version) {
        return new ModelParts(version, List.of());
    }

    /**
     * The parts of a model, chosen anew.
     *
     * @param version of the model's masks
     * @param model the whole model
     * @param classes which parts there are
     * @param statistics of every class, the first one's included
     * @return one part a class but the first
     */
    public static ModelParts of(int version, ModelState model, DeviceClasses classes, List<RunningStatistics> statistics) {
        return chosen(version, model, classes, statistics, List.of());
    }

    /**
     * The parts after the model's masks have changed.
     *
     * @param model the whole model
     * @param classes which parts there are
     * @param statistics of every class, the first one's included
     * @return parts of the next version, which keep what they hold as far as it is still there
     */
    ModelParts adjusted(ModelState model, DeviceClasses classes, List<RunningStatistics> statistics) {
        return chosen(version + 1, model, classes, statistics, parts);
    }

    private static ModelParts chosen(int version, ModelState model, DeviceClasses classes, List<RunningStatistics> statistics,
            List<Part> before) {
        List<Part> parts = new ArrayList<>();
        int[] sizes = LayerCounts.sizes(model.network());
        int[] whole = counts(model);
        ModelState within = model;
        for (int place = 1; place < classes.all().size(); place++) {
            DeviceClass one = classes.all().get(place);
            int[] kept = PartCounts.of(whole, counts(within), one.density() / classes.all().getFirst().density(),
                    LayerCounts.budget(sizes, one.density()));
            within = within.masked(before.isEmpty() ? Magnitude.prune(within, kept).masks()
                    : kept(within, before.get(place - 1).masks(), kept));
            parts.add(new Part(within.masks(), statistics.get(place)));
        }
        return new ModelParts(version, parts);
    }

    /**
     * The parts of a model whose classes have no statistics of their own yet.
     *
     * @param model the whole model
     * @param classes which parts there are
     * @return parts of version 0 with the model's statistics
     */
    public static ModelParts of(ModelState model, DeviceClasses classes) {
        return of(0, model, classes, Collections.nCopies(classes.models(), RunningStatistics.of(model)));
    }

    /** Masks of so many weights a layer: the largest of those that were held before, then the largest of the others. */
    private static List<Mask> kept(ModelState within, List<Mask> held, int[] counts) {
        List<Mask> masks = new ArrayList<>(within.masks());
        List<Integer> prunable = within.network().prunable();
        for (int i = 0; i < counts.length; i++) {
            int p = prunable.get(i);
            Mask all = within.mask(p);
            int[] ranking = Magnitude.ranking(within.values(p));
            int[] order = IntStream.concat(
                    Arrays.stream(ranking).filter(place -> held.get(p).contains(all.index(place))),
                    Arrays.stream(ranking).filter(place -> !held.get(p).contains(all.index(place)))).toArray();
            masks.set(p, Magnitude.prefix(all, order, counts[i]));
        }
        return masks;
    }

    /** Active weights of every prunable layer. */
    static int[] counts(ModelState model) {
        return model.network().prunable().stream().mapToInt(p -> model.mask(p).count()).toArray();
    }

    /**
     * The models that devices hold, densest class first.
     *
     * @param whole the model whose parts these are
     * @return the whole model, and one a part: values of the whole model under the part's masks, with the part's statistics
     */
    public List<ModelState> models(ModelState whole) {
        List<ModelState> models = new ArrayList<>(List.of(whole));
        parts.forEach(part -> models.add(part.statistics().in(whole.masked(part.masks()))));
        return models;
    }

    /** The same parts with other statistics. */
    ModelParts with(List<RunningStatistics> statistics) {
        List<Part> changed = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            changed.add(new Part(parts.get(i).masks(), statistics.get(i + 1)));
        }
        return new ModelParts(version, changed);
    }
}

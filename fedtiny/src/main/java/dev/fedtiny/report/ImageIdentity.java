package dev.fedtiny.report;

import dev.fedtiny.experiment.Setting;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which runs had the same images. A hash tells that of all images of a set, and of a draw within its seed: where settings have images drawn
 * by the seed, runs of two seeds have two hashes although nothing else differs. Such runs are taken by the set that their images are of,
 * as long as no two runs of one seed contradict each other; how many were drawn stands in their settings.
 */
final class ImageIdentity {
    /** Settings by which images are drawn, with the seed, from those that there are; 0: none are. */
    private static final List<String> DRAWS = List.of(Setting.MAX_IMAGES.key(), Setting.MAX_TEST_IMAGES.key(),
            Setting.VALIDATION_IMAGES.key());

    private static final String DRAWN = ", drawn";

    /** Of drawn images the set, and how they were drawn; by seed, the hashes. */
    private final Map<String, Map<String, Set<String>>> hashes = new HashMap<>();

    /** Of all runs that stand beside each other. */
    ImageIdentity(List<RunRecord> runs) {
        for (RunRecord run : runs) {
            drawn(run, true).ifPresent(drawn -> hashes.computeIfAbsent(drawn, _ -> new HashMap<>())
                    .computeIfAbsent(run.seed(), _ -> new HashSet<>()).add(hash(run)));
        }
    }

    /** The same text for runs with the same images, whatever the seed drew of them. */
    String of(RunRecord run) {
        boolean contradicted = drawn(run, true).map(hashes::get).stream().flatMap(bySeed -> bySeed.values().stream())
                .anyMatch(ofSeed -> ofSeed.size() > 1);
        return contradicted ? hash(run) : drawn(run, false).orElseGet(() -> hash(run));
    }

    /** Whether two texts tell by themselves that images differ: whether they were drawn at all, settings tell. */
    static boolean comparable(String one, String other) {
        return one.endsWith(DRAWN) == other.endsWith(DRAWN);
    }

    private static String hash(RunRecord run) {
        return run.said("data", "hash").orElseGet(() -> run.configuration().getOrDefault(Setting.DATA.key(), ""));
    }

    /** Of a run whose images were drawn, what set they are of; with {@code draws}, and how. */
    private static Optional<String> drawn(RunRecord run, boolean draws) {
        Map<String, String> settings = run.configuration();
        boolean drawn = DRAWS.stream().anyMatch(key -> !settings.getOrDefault(key, "0").equals("0"));
        return drawn ? run.said("data", "kind").map(kind -> kind + (draws ? DRAWS.stream().map(key -> "; "
                + settings.getOrDefault(key, "0")).collect(Collectors.joining()) : "") + DRAWN) : Optional.empty();
    }
}

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
 * by the seed, runs of two seeds have two hashes although nothing else differs. Such runs are taken by what they say of their images, as
 * long as no two runs of one seed contradict each other.
 */
final class ImageIdentity {
    /** Settings by which images are drawn, with the seed, from those that there are; 0: none are. */
    private static final List<String> DRAWS = List.of(Setting.MAX_IMAGES.key(), Setting.MAX_TEST_IMAGES.key(),
            Setting.VALIDATION_IMAGES.key());

    /** Of drawn images what was said of them, with how they were drawn; by seed, the hashes. */
    private final Map<String, Map<String, Set<String>>> hashes = new HashMap<>();

    /** Of all runs that stand beside each other. */
    ImageIdentity(List<RunRecord> runs) {
        for (RunRecord run : runs) {
            drawn(run).ifPresent(drawn -> hashes.computeIfAbsent(drawn, _ -> new HashMap<>())
                    .computeIfAbsent(run.seed(), _ -> new HashSet<>()).add(hash(run)));
        }
    }

    /** The same text for runs with the same images, whatever the seed drew of them. */
    String of(RunRecord run) {
        return drawn(run).filter(drawn -> hashes.get(drawn).values().stream().allMatch(ofSeed -> ofSeed.size() == 1))
                .orElseGet(() -> hash(run));
    }

    private static String hash(RunRecord run) {
        return run.said("data", "hash").orElseGet(() -> run.configuration().getOrDefault(Setting.DATA.key(), ""));
    }

    private static Optional<String> drawn(RunRecord run) {
        Map<String, String> settings = run.configuration();
        boolean draws = DRAWS.stream().anyMatch(key -> !settings.getOrDefault(key, "0").equals("0"));
        Optional<String> train = run.said("data", "train");
        return draws ? train.map(words -> words + "; test: " + run.said("data", "test").orElse("?") + "; "
                + DRAWS.stream().map(key -> key + " " + settings.getOrDefault(key, "0")).collect(Collectors.joining(", ")))
                : Optional.empty();
    }
}

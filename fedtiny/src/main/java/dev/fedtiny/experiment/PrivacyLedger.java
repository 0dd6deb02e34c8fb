package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.AppendedFile;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.privacy.GaussianMechanism;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What a run has spent of its devices' privacy, in {@code privacy.jsonl}: a line a round, on the disk before the round draws its noise.
 * A round that is done again after the process was killed draws new noise, so that two models of it may have been seen: it counts twice.
 * A line that was cut off counts, too, and a round that is done counts also where its line is lost. Never goes back, whatever the run does.
 */
final class PrivacyLedger implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final GaussianMechanism mechanism;
    private long releases;

    private PrivacyLedger(Path file, FileChannel channel, GaussianMechanism mechanism, long releases) {
        this.file = file;
        this.channel = channel;
        this.mechanism = mechanism;
        this.releases = releases;
    }

    /**
     * The ledger of a run.
     *
     * @return empty where the run has no noise
     */
    static Optional<PrivacyLedger> open(RunDirectory directory, Optional<GaussianMechanism> mechanism) throws IOException {
        if (mechanism.isEmpty()) {
            return Optional.empty();
        }
        Path file = directory.path().resolve(RunDirectory.PRIVACY);
        FileChannel channel = AppendedFile.open(file);
        String before = Files.readString(file);
        channel.position(channel.size());
        if (!before.isEmpty() && !before.endsWith("\n")) {
            channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
        }
        return Optional.of(new PrivacyLedger(file, channel, mechanism.get(), releases(before)));
    }

    /** A line counts one, whatever it holds, and one that says that more were spent before it, since lines were lost, so many. */
    private static long releases(String lines) {
        long releases = 0;
        for (String line : lines.lines().toList()) {
            releases = Math.max(releases + 1, said(line));
        }
        return releases;
    }

    private static long said(String line) {
        try {
            return JsonReader.parse(line) instanceof JsonObject entry && entry.find("releases").isPresent() ? entry.integer("releases") : 0;
        } catch (JsonException | IllegalArgumentException e) {
            // Cut off.
            return 0;
        }
    }

    /**
     * Counts at least one release for every round that is done, also where the file was lost or is older than the run's checkpoint.
     *
     * @param rounds that are done
     * @return what to warn of; empty where nothing is missing
     */
    Optional<String> atLeast(int rounds) {
        if (releases >= rounds) {
            return Optional.empty();
        }
        String missing = "'" + file + "' says that " + releases + " rounds spent of the devices' privacy, and " + rounds
                + " are done: lines are lost; " + rounds
                + " are counted, and rounds that were done twice before that are not known any more";
        releases = rounds;
        return Optional.of(missing);
    }

    /** Notes a round that is about to be done. */
    void spend(int round) throws IOException {
        releases++;
        ByteBuffer line = ByteBuffer.wrap((JsonWriter.compact(JsonObject.builder().put("round", round + 1L).put("releases", releases)
                .put("epsilon", mechanism.epsilon(releases)).put("delta", mechanism.delta()).build()) + "\n")
                .getBytes(StandardCharsets.UTF_8));
        try {
            while (line.hasRemaining()) {
                channel.write(line);
            }
            channel.force(false);
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
    }

    /** So far, as metrics and result have it. */
    JsonObject json() {
        return json(mechanism, releases);
    }

    /** What so many releases of a mechanism spend, and what they were made with. */
    static JsonObject json(GaussianMechanism mechanism, long releases) {
        return spent(mechanism, releases).put("noiseMultiplier", mechanism.noiseMultiplier()).put("clip", mechanism.clip())
                .put("rate", mechanism.rate()).build();
    }

    /** So far, as the line of a round has it. */
    JsonObject round() {
        return spent(mechanism, releases).build();
    }

    private static JsonObject.Builder spent(GaussianMechanism mechanism, long releases) {
        return JsonObject.builder().put("epsilon", mechanism.epsilon(releases)).put("delta", mechanism.delta()).put("releases", releases);
    }

    /** What will have been spent when the rounds that are left are done. */
    String planned(int roundsLeft) {
        return sentence(mechanism, releases + roundsLeft, "after the " + roundsLeft + " rounds that are planned")
                + (releases == 0 ? "" : "; " + releases + " releases are spent already");
    }

    /** What has been spent. */
    String spent() {
        return sentence(mechanism, releases, "spent");
    }

    /** ε and δ in words. */
    static String sentence(GaussianMechanism mechanism, long releases, String when) {
        return String.format(Locale.ROOT, "differential privacy of devices: epsilon %.4g at delta %.3g %s (%d releases; noise %.4g times "
                + "what one device can change, clip %.4g, rate %.4g), for whoever sees the models and nothing else",
                mechanism.epsilon(releases),
                mechanism.delta(), when, releases, mechanism.noiseMultiplier(), mechanism.clip(), mechanism.rate());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

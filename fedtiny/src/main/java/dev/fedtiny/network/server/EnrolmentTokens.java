package dev.fedtiny.network.server;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One-time tokens, each for one place. A token is written into a file of mode 0600 of its own, for its device; the federation's folder
 * keeps its SHA-256 alone, in {@code tokens.jsonl}. Tokens may be made while the server runs. Thread-safe.
 */
public final class EnrolmentTokens {
    private static final String FILE = "tokens.jsonl";

    private final JsonLines.Reader file;
    private final Map<String, Known> byHash = new HashMap<>();

    EnrolmentTokens(Path folder) {
        this.file = new JsonLines.Reader(folder.resolve(FILE));
    }

    /**
     * A token as the federation knows it.
     *
     * @param number the place it is for
     * @param hash its SHA-256
     * @param expires when it ends to be one
     */
    record Known(int number, String hash, Instant expires) {
    }

    /**
     * Makes tokens for the next places.
     *
     * @param folder of the federation; made if it is not there
     * @param into where the token files go, called {@code device-N.token}; made if it is not there
     * @param count how many, at least 1
     * @param valid how long they can be used
     * @return the files, in the order of the places
     * @throws IOException if they cannot be written
     */
    public static List<Path> make(Path folder, Path into, int count, Duration valid) throws IOException {
        if (count < 1 || !valid.isPositive()) {
            throw new IllegalArgumentException("enrolment: " + count + " tokens for " + valid + ", expected at least 1 for some time");
        }
        PrivateFolder.createAll(folder);
        PrivateFolder.createAll(into);
        List<Path> files = new ArrayList<>();
        try (ProcessLock _ = ProcessLock.of(folder, "enrol")) {
            JsonLines.Opened opened = JsonLines.open(folder.resolve(FILE), JsonLines.Durability.SYNCED);
            try (JsonLines lines = opened.lines()) {
                int next = opened.before().size();
                List<JsonObject> made = new ArrayList<>();
                for (int number = next; number < next + count; number++) {
                    DeviceToken token = DeviceToken.random();
                    Path target = into.resolve("device-" + number + ".token");
                    TokenFile.write(target, token);
                    made.add(JsonObject.builder().put("number", number).put("sha256", hash(token))
                            .put("expires", Instant.now().plus(valid).toString()).build());
                    files.add(target);
                }
                lines.append(made);
            }
        }
        return files;
    }

    static String hash(DeviceToken token) {
        return Sha256.of(HexFormat.of().parseHex(token.hex()));
    }

    /** Takes in what was made since it was last asked for. Holds the lock. */
    private void update() throws IOException {
        for (JsonObject line : file.more()) {
            Known known = new Known(Math.toIntExact(line.integer("number")), line.string("sha256"), Instant.parse(line.string("expires")));
            byHash.put(known.hash(), known);
        }
    }

    /** The token of a hash, if it was ever made. */
    synchronized Optional<Known> find(String hash) throws IOException {
        if (!byHash.containsKey(hash)) {
            update();
        }
        return Optional.ofNullable(byHash.get(hash));
    }

    /** How many there are. */
    synchronized int count() throws IOException {
        update();
        return byHash.size();
    }
}

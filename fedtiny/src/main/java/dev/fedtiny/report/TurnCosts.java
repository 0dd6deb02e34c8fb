package dev.fedtiny.report;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a device on a network said that its turns cost it, from {@code federation/costs.jsonl}: its own measurements, believed by nobody
 * but shown.
 *
 * @param device its number
 * @param turns that it spoke of
 * @param seconds of work, without the wait for the network
 * @param bytesDown received, what came twice included
 * @param bytesUp sent, what was sent twice included
 * @param heapBytes the most it used of its heap
 */
record TurnCosts(int device, int turns, double seconds, double bytesDown, double bytesUp, double heapBytes) {
    private static final Pattern SAID = Pattern.compile("nanos=(\\d{1,18}) down=(\\d{1,18}) up=(\\d{1,18}) heap=(\\d{1,18})");

    /** By device; none where there is no such file. */
    static List<TurnCosts> of(Path run) throws IOException {
        Path file = run.resolve("federation").resolve("costs.jsonl");
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        TreeMap<Integer, TurnCosts> sums = new TreeMap<>();
        String text = Files.readString(file, StandardCharsets.UTF_8);
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            try {
                if (JsonReader.parse(line) instanceof JsonObject object) {
                    add(sums, (int) object.integer("number"), SAID.matcher(object.string("cost")));
                }
            } catch (JsonException e) {
                throw new DataException("'" + file + "' is damaged: " + e.getMessage(), e);
            }
        }
        return List.copyOf(sums.values());
    }

    private static void add(TreeMap<Integer, TurnCosts> sums, int device, Matcher said) {
        if (said.matches()) {
            TurnCosts sum = sums.getOrDefault(device, new TurnCosts(device, 0, 0, 0, 0, 0));
            sums.put(device, new TurnCosts(device, sum.turns() + 1, sum.seconds() + Long.parseLong(said.group(1)) / 1e9,
                    sum.bytesDown() + Long.parseLong(said.group(2)), sum.bytesUp() + Long.parseLong(said.group(3)),
                    Math.max(sum.heapBytes(), Long.parseLong(said.group(4)))));
        }
    }
}

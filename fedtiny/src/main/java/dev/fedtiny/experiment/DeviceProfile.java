package dev.fedtiny.experiment;

import dev.fedtiny.federation.process.DeviceTurn;
import dev.fedtiny.settings.Numbers;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A slower device that is simulated from what was measured here. The rule: a turn takes its measured wall seconds, on one processor of this
 * machine, divided by {@code speed}, and 8 · bytes / bandwidth for its request and its answer; an exchange takes as long as its slowest
 * device; exchanges follow each other. Everything said on this ground is simulated, and labelled so.
 *
 * @param cores of the device; a device process works on one of them
 * @param memoryMiB heap that the device's Java may have: what {@code device-memory = auto} means then
 * @param downBitsPerSecond from the server to the device
 * @param upBitsPerSecond from the device to the server
 * @param speed of one of its cores relative to one of this machine's
 */
public record DeviceProfile(int cores, int memoryMiB, double downBitsPerSecond, double upBitsPerSecond, double speed) {
    /** The form of the setting. */
    public static final String FORM = "cores=4 memory=64MiB down=20Mbit/s up=5Mbit/s speed=0.1";
    private static final Map<String, Pattern> PARTS = Map.of(
            "cores", Pattern.compile("([0-9]{1,4})"), "memory", Pattern.compile("([0-9]{1,7})MiB"),
            "down", Pattern.compile("([0-9.]{1,20})Mbit/s"), "up", Pattern.compile("([0-9.]{1,20})Mbit/s"), "speed",
            Pattern.compile("([0-9.]{1,20})"));
    private static final Numbers.Decimal FIGURE = new Numbers.Decimal(0, false, Numbers.MOST_WHOLE, "");

    /** Checks the ranges. */
    public DeviceProfile {
        if (cores < 1 || memoryMiB < 1 || !(downBitsPerSecond > 0) || !(upBitsPerSecond > 0) || !(speed > 0)) {
            throw new IllegalArgumentException("device profile: cores " + cores + ", memory " + memoryMiB + " MiB, bandwidths "
                    + downBitsPerSecond + " and " + upBitsPerSecond + " bit/s and speed " + speed + " must be above 0");
        }
    }

    /**
     * Reads the setting.
     *
     * @param text parts separated by spaces or commas, for example {@value #FORM}
     * @return the profile
     * @throws IllegalArgumentException saying what is wrong and what the form is
     */
    public static DeviceProfile parse(String text) {
        Map<String, Double> figures = new HashMap<>();
        for (String part : text.strip().split("[ ,]+")) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            Matcher matcher = PARTS.containsKey(name) ? PARTS.get(name).matcher(part.substring(equals + 1)) : null;
            OptionalDouble figure = matcher == null || !matcher.matches() ? OptionalDouble.empty() : FIGURE.read(matcher.group(1));
            if (figure.isEmpty() || figures.put(name, figure.getAsDouble()) != null) {
                throw wrong(text, part);
            }
        }
        if (figures.size() < PARTS.size()) {
            throw wrong(text, "what is missing");
        }
        return new DeviceProfile(figures.get("cores").intValue(), figures.get("memory").intValue(), 1e6 * figures.get("down"),
                1e6 * figures.get("up"), figures.get("speed"));
    }

    private static IllegalArgumentException wrong(String text, String part) {
        return new IllegalArgumentException("device-profile = '" + text + "': look at '" + part + "', the form is '" + FORM
                + "', figures above 0 and at most " + Numbers.MOST_WHOLE);
    }

    /**
     * Simulated seconds of one turn.
     *
     * @param turn measured here
     * @return seconds on the device
     */
    public double seconds(DeviceTurn turn) {
        return turn.nanos() / 1e9 / speed + 8.0 * turn.requestBytes() / downBitsPerSecond + 8.0 * turn.answerBytes() / upBitsPerSecond;
    }

    /**
     * Simulated seconds of all exchanges, one after the other.
     *
     * @param turns measured here, of any number of exchanges
     * @return the sum over exchanges of their slowest device's seconds
     */
    public double seconds(List<DeviceTurn> turns) {
        Map<Integer, Double> slowest = new TreeMap<>();
        turns.forEach(turn -> slowest.merge(turn.exchange(), seconds(turn), Math::max));
        return slowest.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "cores=%d memory=%dMiB down=%sMbit/s up=%sMbit/s speed=%s", cores, memoryMiB,
                downBitsPerSecond / 1e6, upBitsPerSecond / 1e6, speed);
    }
}

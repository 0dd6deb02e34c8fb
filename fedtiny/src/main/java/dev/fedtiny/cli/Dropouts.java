package dev.fedtiny.cli;

import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Answers of devices that are missing, named round by round as far as anybody reads names, and counted over a run. */
final class Dropouts {
    /** Devices of a round that have a line each, and devices that the summary names for a cause. */
    private static final int NAMED = 5;

    private record Missing(int answers, TreeSet<Integer> devices) {
    }

    private final Map<Cause, Missing> counted = new EnumMap<>(Cause.class);

    /** Counts a round's failures. Returns one line for each of the first of them, and one for the others; none where nobody failed. */
    List<String> lines(List<DeviceFailure> failures) {
        List<DeviceFailure> missing = failures.stream().filter(failure -> failure.cause() != Cause.RELEASED).toList();
        missing.forEach(this::count);
        List<String> lines = new ArrayList<>();
        boolean all = missing.size() <= NAMED + 1;
        missing.stream().limit(all ? missing.size() : NAMED)
                .forEach(failure -> lines.add("device " + failure.device() + " dropped out: " + failure.reason()));
        if (!all) {
            lines.add("and " + (missing.size() - NAMED) + " more devices dropped out: " + causes(missing.subList(NAMED, missing.size())));
        }
        return lines;
    }

    private void count(DeviceFailure failure) {
        counted.merge(failure.cause(), new Missing(1, new TreeSet<>(List.of(failure.device()))), (before, one) -> {
            before.devices().addAll(one.devices());
            return new Missing(before.answers() + 1, before.devices());
        });
    }

    private static String causes(List<DeviceFailure> failures) {
        Map<Cause, Long> byCause = failures.stream()
                .collect(Collectors.groupingBy(DeviceFailure::cause, () -> new EnumMap<>(Cause.class), Collectors.counting()));
        return byCause.entrySet().stream().map(entry -> entry.getValue() + " " + words(entry.getKey())).collect(Collectors.joining(", "));
    }

    private static String words(Cause cause) {
        return cause.name().toLowerCase(Locale.ROOT);
    }

    /** How many answers are missing, by cause, in one sentence; empty where none is. */
    String summary() {
        if (counted.isEmpty()) {
            return "";
        }
        TreeSet<Integer> devices = new TreeSet<>();
        counted.values().forEach(missing -> devices.addAll(missing.devices()));
        int answers = counted.values().stream().mapToInt(Missing::answers).sum();
        return "missing answers: " + answers + ", of " + devices.size() + (devices.size() == 1 ? " device; " : " devices; ")
                + counted.entrySet().stream().map(entry -> entry.getValue().answers() + " " + words(entry.getKey()) + " ("
                + named(entry.getValue().devices()) + ")").collect(Collectors.joining(", "));
    }

    private static String named(TreeSet<Integer> devices) {
        String first = devices.stream().limit(NAMED).map(String::valueOf).collect(Collectors.joining(", "));
        return (devices.size() == 1 ? "device " : "devices ") + first
                + (devices.size() > NAMED ? " and " + (devices.size() - NAMED) + " more" : "");
    }
}

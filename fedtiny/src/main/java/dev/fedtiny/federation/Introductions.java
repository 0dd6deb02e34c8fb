package dev.fedtiny.federation;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.Expectation;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Hello;
import dev.fedtiny.protocol.NetworkFingerprint;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.Welcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;

/** Which devices of a fleet have said who they are and may take part, and why others may not. Not thread-safe. */
final class Introductions {
    private final Codec codec;
    private final Fleet fleet;
    private final SampleCounts counts;
    private final long fingerprint;
    private final Optional<Platform> platform;
    private final TreeMap<Integer, Hello> present = new TreeMap<>();
    /** Why devices that are not present are not. */
    private final Map<Integer, DeviceFailure> unpresented = new HashMap<>();

    Introductions(Network network, Codec codec, Fleet fleet, Platforms platforms, SampleCounts counts) {
        this.codec = codec;
        this.fleet = fleet;
        this.counts = counts;
        this.fingerprint = NetworkFingerprint.of(network);
        this.platform = platforms == Platforms.SAME ? Optional.of(Platform.here()) : Optional.empty();
    }

    boolean isPresent(int device) {
        return present.containsKey(device);
    }

    /** What a device that is present said last. */
    Hello of(int device) {
        return present.get(device);
    }

    /** Devices that are present, ascending. */
    List<Integer> devices() {
        return List.copyOf(present.keySet());
    }

    /** Those of some devices that are present, in the given order. */
    List<Integer> presentOf(List<Integer> devices) {
        return devices.stream().filter(present::containsKey).toList();
    }

    /** One a device of those given that cannot be asked. */
    List<DeviceFailure> absent(List<Integer> devices) {
        return devices.stream().filter(device -> !present.containsKey(device))
                .map(device -> Exchange.absence(device, Optional.ofNullable(unpresented.get(device)))).toList();
    }

    /** Why devices that were asked who they are may not take part, by device. */
    List<DeviceFailure> failures() {
        return unpresented.values().stream().sorted(Comparator.comparingInt(DeviceFailure::device)).toList();
    }

    /** Devices present that compute other bits than this machine, with what they compute with. */
    SortedMap<Integer, Platform> otherPlatforms() {
        TreeMap<Integer, Platform> others = new TreeMap<>();
        present.forEach((device, hello) -> others.put(device, hello.platform()));
        others.values().removeIf(Platform.here()::equals);
        return others;
    }

    /** Asks all devices of the roster. Returns those that failed, and why. */
    List<DeviceFailure> greetAll() {
        List<Integer> all = fleet.roster();
        fleet.renewed(all);
        greet(all);
        return all.stream().filter(unpresented::containsKey).map(unpresented::get).toList();
    }

    /** Greets devices that started anew since they were last asked, and those that were never heard of. Returns who is new. */
    List<Integer> greetRenewed(List<Integer> devices) {
        Set<Integer> fresh = new TreeSet<>(fleet.renewed(devices));
        devices.stream().filter(device -> !present.containsKey(device) && !unpresented.containsKey(device)).forEach(fresh::add);
        if (!fresh.isEmpty()) {
            greet(List.copyOf(fresh));
        }
        return List.copyOf(fresh);
    }

    private void greet(List<Integer> devices) {
        IntFunction<Expectation> expected = device -> new Hello.Expected(fingerprint, platform, counts.range(device));
        List<Integer> asked = new ArrayList<>();
        for (int device : devices) {
            present.remove(device);
            Optional<Hello> introduction = fleet.introduction(device);
            if (introduction.isEmpty()) {
                asked.add(device);
                continue;
            }
            try {
                introduced(device, codec.check(device, introduction.get(), (Hello.Expected) expected.apply(device)));
            } catch (ProtocolException e) {
                unpresented.put(device, new DeviceFailure(device, Cause.REJECTED, e.getMessage()));
            }
        }
        Welcome welcome = new Welcome(fingerprint);
        Exchange exchange = new Exchange(codec, fleet, Frame.NO_ROUND);
        exchange.run(asked, _ -> welcome, expected, (device, answer, _) -> introduced(device, (Hello) answer));
        exchange.failures().forEach(failure -> unpresented.put(failure.device(), failure));
    }

    private void introduced(int device, Hello hello) {
        present.put(device, hello);
        unpresented.remove(device);
    }

    /** What a device states of its samples now. */
    void stated(Integer device, int samples) {
        present.computeIfPresent(device, (_, before) -> new Hello(before.networkFingerprint(), before.platform(), samples,
                counts.range(device).split().size(samples)));
    }
}

package dev.fedtiny.federation;

import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.privacy.MaskedTotal;
import dev.fedtiny.privacy.OpenedSum;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.privacy.ShownKeys;
import dev.fedtiny.privacy.SignedKeys;
import dev.fedtiny.privacy.SumId;
import dev.fedtiny.privacy.SumLayout;
import dev.fedtiny.privacy.SumRefusedException;
import dev.fedtiny.privacy.SumServer;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.KeyRequest;
import dev.fedtiny.protocol.MaskedRequest;
import dev.fedtiny.protocol.MaskedVector;
import dev.fedtiny.protocol.MaskedWork;
import dev.fedtiny.protocol.ShareRequest;
import dev.fedtiny.protocol.SumKeys;
import dev.fedtiny.protocol.SumShares;
import dev.fedtiny.protocol.SumUnmasking;
import dev.fedtiny.protocol.UnmaskRequest;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * One secure sum over a fleet, in four exchanges: keys are shown, secrets shared, the work done and its result masked, masks taken off. A
 * device may drop out in any of them. Fresh keys every time: a sum that broke off leaves nothing that the next one uses. Used once.
 */
final class SecureSum {
    private final Codec codec;
    private final Fleet fleet;
    private final SecureAggregation rules;
    private final int round;
    private final SumId sum = SumId.random();
    private final List<DeviceFailure> failures = new ArrayList<>();

    SecureSum(Codec codec, Fleet fleet, SecureAggregation rules, int round) {
        this.codec = codec;
        this.fleet = fleet;
        this.rules = rules;
        this.round = round;
    }

    /**
     * What came of it.
     *
     * @param sum what the devices add up to; empty where too few were left to take the masks off, or a check failed
     * @param devices whose values are in it, ascending; none where it is empty
     * @param failures of those that were asked; where the sum is empty also those whose values came for nothing
     */
    record Outcome(Optional<OpenedSum> sum, List<Integer> devices, List<DeviceFailure> failures) {
    }

    /**
     * Asks devices.
     *
     * @param work the same object for all devices that are asked the same; of one layout
     * @param masks of the model that devices hold; empty where they hold none
     * @param closing when the work is over
     * @param deadline calls results of the work late
     * @param check of the opened sum and its devices; throws {@link SumRefusedException}
     */
    Outcome run(List<Integer> devices, IntFunction<MaskedWork> work, List<Mask> masks, Closing closing, Deadline deadline,
            Check check) {
        Closing always = Closing.ofAll(closing.within());
        SortedMap<Integer, SignedKeys> signed = keys(devices, always);
        if (signed.size() < rules.smallest()) {
            return lost(List.copyOf(signed.keySet()), signed.size() + (signed.size() == 1 ? " device has" : " devices have")
                    + " shown keys, a secure sum needs " + rules.smallest());
        }
        SortedMap<Integer, ShownKeys> shown = new TreeMap<>();
        signed.forEach((device, keys) -> shown.put(device, keys.keys()));
        SumServer server = new SumServer(sum, rules, shown);
        List<Integer> sharing = shares(server, signed, always);
        List<Integer> members = server.members();
        if (members.size() < rules.smallest()) {
            return lost(sharing, members.size() + " devices have shared their secrets with enough others, a secure sum needs "
                    + rules.smallest());
        }
        sharing.stream().filter(device -> !members.contains(device)).forEach(device -> failures.add(new DeviceFailure(device,
                Cause.UNSUMMED, "too few of the devices that hold shares of device " + device + "'s secrets are left")));
        SumLayout layout = work.apply(members.getFirst()).layout(codec.network(), masks, members.size());
        MaskedTotal total = new MaskedTotal(layout);
        List<Integer> came = vectors(members, work, layout, total, closing, deadline);
        Optional<String> broken = server.came(came);
        if (broken.isPresent()) {
            return lost(came, broken.get());
        }
        List<DeviceFailure> silent = unmask(server, came, always);
        try {
            OpenedSum opened = fleet.pretends() ? OpenedSum.zeros(layout) : server.open(total);
            if (!fleet.pretends()) {
                check.check(opened, came);
            }
            return new Outcome(Optional.of(opened), came, failures);
        } catch (SumRefusedException e) {
            return lost(came, e.getMessage() + silent.stream().findFirst().map(failure -> " (" + silent.size()
                    + " devices did not help; the first: " + failure.reason() + ")").orElse(""));
        }
    }

    /** Looks at an opened sum. */
    interface Check {
        /**
         * Called once.
         *
         * @throws SumRefusedException if it is not what such devices can add up to
         */
        void check(OpenedSum sum, List<Integer> devices);
    }

    private Outcome lost(List<Integer> came, String reason) {
        came.stream().filter(device -> failures.stream().noneMatch(failure -> failure.device() == device))
                .forEach(device -> failures.add(new DeviceFailure(device, Cause.UNSUMMED, reason)));
        return new Outcome(Optional.empty(), List.of(), failures);
    }

    private SortedMap<Integer, SignedKeys> keys(List<Integer> devices, Closing closing) {
        SortedMap<Integer, SignedKeys> keys = new TreeMap<>();
        KeyRequest request = new KeyRequest(sum);
        Exchange exchange = new Exchange(codec, fleet, round, closing, Deadline.NONE, 1);
        exchange.run(devices, _ -> request, device -> new SumKeys.Expected(sum, device, fleet.identity(device)),
                (device, answer, _) -> keys.put(device, ((SumKeys) answer).signed()));
        failures.addAll(exchange.failures());
        return keys;
    }

    private List<Integer> shares(SumServer server, SortedMap<Integer, SignedKeys> signed, Closing closing) {
        ShareRequest request = new ShareRequest(sum, signed);
        Exchange exchange = new Exchange(codec, fleet, round, closing, Deadline.NONE, 1);
        exchange.run(List.copyOf(signed.keySet()), _ -> request, device -> new SumShares.Expected(server.holders(device)),
                (device, answer, _) -> server.shared(device, ((SumShares) answer).secrets()));
        failures.addAll(exchange.failures());
        return exchange.reporters();
    }

    private List<Integer> vectors(List<Integer> members, IntFunction<MaskedWork> work, SumLayout layout, MaskedTotal total, Closing closing,
            Deadline deadline) {
        Map<MaskedWork, MaskedRequest> requests = new IdentityHashMap<>();
        Function<MaskedWork, MaskedRequest> request = one -> {
            synchronized (requests) {
                return requests.computeIfAbsent(one, same -> new MaskedRequest(sum, members, same));
            }
        };
        Exchange exchange = new Exchange(codec, fleet, round, closing, deadline, 1);
        exchange.run(members, device -> request.apply(work.apply(device)), _ -> new MaskedVector.Expected(layout),
                (_, answer, _) -> total.add(((MaskedVector) answer).bytes()));
        failures.addAll(exchange.failures());
        return exchange.reporters();
    }

    private List<DeviceFailure> unmask(SumServer server, List<Integer> came, Closing closing) {
        Exchange exchange = new Exchange(codec, fleet, round, closing, Deadline.NONE, 1);
        exchange.run(came, device -> new UnmaskRequest(sum, came, server.boxes(device)),
                device -> new SumUnmasking.Expected(server, device),
                (device, answer, _) -> ((SumUnmasking) answer).shares().forEach((owner, share) -> server.give(device, owner, share)));
        return exchange.failures();
    }
}

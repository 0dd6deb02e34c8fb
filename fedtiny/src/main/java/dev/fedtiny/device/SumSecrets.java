package dev.fedtiny.device;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.PeerIdentity;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.privacy.ShownKeys;
import dev.fedtiny.privacy.SumId;
import dev.fedtiny.privacy.SumParty;
import dev.fedtiny.privacy.SumRefusedException;
import dev.fedtiny.privacy.Summand;
import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.GradientRequest;
import dev.fedtiny.protocol.KeyRequest;
import dev.fedtiny.protocol.MaskedRequest;
import dev.fedtiny.protocol.MaskedVector;
import dev.fedtiny.protocol.MaskedWork;
import dev.fedtiny.protocol.SecureRequest;
import dev.fedtiny.protocol.ShareRequest;
import dev.fedtiny.protocol.Statistics;
import dev.fedtiny.protocol.SumKeys;
import dev.fedtiny.protocol.SumShares;
import dev.fedtiny.protocol.SumUnmasking;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.UnmaskRequest;
import dev.fedtiny.protocol.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a device keeps to itself of secure sums: its {@link SumParty}, and between the two sums of a round that grows the gradients that it
 * may be asked for. Does the work through the device and answers with nothing but keys, sealed shares, masked values and shares that may be
 * told. Not thread-safe.
 */
final class SumSecrets {
    private final int device;
    private final Network network;
    private final Optional<SecureAggregation> rules;
    private final PeerIdentity identity;
    private SumParty party;
    /** Gradients of the last training at all positions of layers that may grow, by parameter; and n_k of that training. */
    private Map<Integer, float[]> gradients = Map.of();
    private int samples;

    /** Does the work of a request as if its answer were sent in the open. */
    interface Work {
        /** The answer; for {@link GradientRequest} nobody is asked. */
        DeviceMessage answer(MaskedWork work);
    }

    SumSecrets(int device, Network network, Optional<SecureAggregation> rules, PeerIdentity identity) {
        this.device = device;
        this.network = network;
        this.rules = rules;
        this.identity = identity;
    }

    /** Whether values may be told in masked sums only. */
    boolean required() {
        return rules.isPresent();
    }

    /**
     * Refuses work in the open where values may be told in masked sums only.
     *
     * @throws SumRefusedException with the reason
     */
    void refuseOpen(String what) {
        if (required()) {
            throw new SumRefusedException("device " + device + " was asked for " + what + " in the open, but this federation uses secure "
                    + "aggregation: it tells its values in masked sums only");
        }
    }

    /** Keeps gradients until they are asked for or the next work begins. */
    void keep(Map<Integer, float[]> dense) {
        gradients = Map.copyOf(dense);
    }

    /** Forgets everything. */
    void forget() {
        party = null;
        gradients = Map.of();
    }

    DeviceMessage answer(SecureRequest request, Work work) {
        if (rules.isEmpty()) {
            throw new SumRefusedException("device " + device + " was asked for a secure sum, of which it was not told the rules when it "
                    + "joined");
        }
        return switch (request) {
            case KeyRequest message -> {
                party = new SumParty(message.sum(), device, rules.get());
                yield new SumKeys(identity.sign(message.sum(), device, party.shown()));
            }
            case ShareRequest message -> new SumShares(party(message.sum()).share(checked(message)));
            case MaskedRequest message -> masked(message, work);
            case UnmaskRequest message -> new SumUnmasking(party(message.sum()).unmask(message.survivors(), message.boxes()));
        };
    }

    private SumParty party(SumId sum) {
        if (party == null || !party.sum().equals(sum)) {
            throw new SumRefusedException("device " + device + " was asked for a step of a secure sum that it has no keys for: another one "
                    + "began since, or it started anew");
        }
        return party;
    }

    private SortedMap<Integer, ShownKeys> checked(ShareRequest message) {
        SortedMap<Integer, ShownKeys> keys = new TreeMap<>();
        message.keys().forEach((number, signed) -> {
            if (number != device) {
                identity.check(message.sum(), number, signed);
            }
            keys.put(number, signed.keys());
        });
        return keys;
    }

    private MaskedVector masked(MaskedRequest message, Work work) {
        SumParty mine = party(message.sum());
        long start = System.nanoTime();
        Summand summand = switch (message.work()) {
            case GradientRequest request -> gathered(request);
            case Train train -> {
                gradients = Map.of();
                Update update = (Update) work.answer(train);
                samples = update.samples();
                yield update.summand(train.task(), network);
            }
            default -> switch (work.answer(message.work())) {
                case Statistics statistics -> statistics.summand();
                case Evaluation evaluation -> evaluation.summand();
                case DeviceMessage other -> throw new IllegalStateException(other.kind() + " cannot be added to others of its kind");
            };
        };
        return MaskedVector.of(System.nanoTime() - start, mine.mask(message.members(), summand));
    }

    private Summand gathered(GradientRequest request) {
        List<float[]> values = new ArrayList<>();
        for (GradientRequest.Positions layer : request.layers()) {
            float[] dense = gradients.get(layer.parameter());
            if (dense == null) {
                throw new SumRefusedException("device " + device + " was asked for gradients of parameter " + layer.parameter()
                        + ", of which it has kept none since it trained last");
            }
            float[] some = new float[layer.indices().length];
            for (int i = 0; i < some.length; i++) {
                some[i] = dense[layer.indices()[i]];
            }
            values.add(some);
        }
        gradients = Map.of();
        return new Summand(samples, List.of(), values, List.of());
    }
}

package dev.fedtiny.federation;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.privacy.AgreementKey;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.privacy.SharedSecrets;
import dev.fedtiny.privacy.ShownKeys;
import dev.fedtiny.privacy.SignedKeys;
import dev.fedtiny.privacy.SumId;
import dev.fedtiny.privacy.SumServer;
import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.KeyRequest;
import dev.fedtiny.protocol.MaskedRequest;
import dev.fedtiny.protocol.MaskedVector;
import dev.fedtiny.protocol.SecureRequest;
import dev.fedtiny.protocol.ShareRequest;
import dev.fedtiny.protocol.SumKeys;
import dev.fedtiny.protocol.SumShares;
import dev.fedtiny.protocol.SumUnmasking;
import dev.fedtiny.protocol.UnmaskRequest;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Secure sums of devices that pretend: answers of the right length, of zeros. Not thread-safe. */
final class DrySums {
    private final Network network;
    private final SecureAggregation rules;
    private SumId sum;
    private SumServer graph;

    DrySums(Network network, SecureAggregation rules) {
        this.network = network;
        this.rules = rules;
    }

    DeviceMessage answer(int device, SecureRequest request, List<Mask> held) {
        return switch (request) {
            case KeyRequest _ -> new SumKeys(new SignedKeys(new ShownKeys(new byte[AgreementKey.BYTES], new byte[AgreementKey.BYTES]),
                    new byte[0], new byte[0]));
            case ShareRequest message -> {
                if (!message.sum().equals(sum)) {
                    SortedMap<Integer, ShownKeys> shown = new TreeMap<>();
                    message.keys().forEach((number, signed) -> shown.put(number, signed.keys()));
                    sum = message.sum();
                    graph = new SumServer(sum, rules, shown);
                }
                int holders = graph.holders(device);
                yield new SumShares(new SharedSecrets(new byte[SharedSecrets.COMMITMENT_BYTES],
                        Collections.nCopies(holders, new byte[SharedSecrets.COMMITMENT_BYTES]),
                        Collections.nCopies(holders, new byte[SharedSecrets.COMMITMENT_BYTES]),
                        Collections.nCopies(holders - 1, new byte[SharedSecrets.BOX_BYTES])));
            }
            case MaskedRequest message -> MaskedVector.blank(message.work().layout(network, held, message.members().size()));
            case UnmaskRequest message -> {
                TreeMap<Integer, byte[]> shares = new TreeMap<>();
                message.boxes().keySet().forEach(owner -> shares.put(owner, new byte[SharedSecrets.SHARE_BYTES]));
                shares.put(device, new byte[SharedSecrets.SHARE_BYTES]);
                yield new SumUnmasking(shares);
            }
        };
    }
}

package dev.fedtiny.privacy;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A secure sum without messages: devices and server step by step, so that a test can have any of them misbehave. */
final class SumRehearsal {
    final SumId sum = SumId.random();
    final SecureAggregation rules;
    final SortedMap<Integer, SumParty> parties = new TreeMap<>();
    SortedMap<Integer, ShownKeys> shown = new TreeMap<>();
    SumServer server;
    List<Integer> members = List.of();
    SumLayout layout;
    MaskedTotal total;

    SumRehearsal(int devices, SecureAggregation rules) {
        this.rules = rules;
        // Numbers with gaps: rosters have them.
        IntStream.range(0, devices).forEach(i -> parties.put(3 * i + 1, new SumParty(sum, 3 * i + 1, rules)));
        parties.forEach((device, party) -> shown.put(device, party.shown()));
    }

    int device(int place) {
        return 3 * place + 1;
    }

    /** All but some share their secrets. */
    void share(List<Integer> without) {
        server = new SumServer(sum, rules, shown);
        parties.forEach((device, party) -> {
            if (!without.contains(device)) {
                server.shared(device, party.share(shown));
            }
        });
        members = server.members();
    }

    static byte[] bytes(MaskedSummand masked) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (out.size() < masked.layout().bytes()) {
            out.writeBytes(masked.next());
        }
        return out.toByteArray();
    }

    /** All but some mask and send; returns why the sum cannot be opened. */
    Optional<String> mask(Map<Integer, Summand> summands, List<Integer> without) {
        layout = summands.values().iterator().next().layout(members.size());
        total = new MaskedTotal(layout);
        List<Integer> came = new ArrayList<>();
        for (int device : members) {
            MaskedSummand masked = parties.get(device).mask(members, summands.get(device));
            if (!without.contains(device)) {
                total.add(bytes(masked));
                came.add(device);
            }
        }
        return server.came(came);
    }

    /** Those whose values came, but for some, help. */
    void unmask(List<Integer> came, List<Integer> without) {
        for (int device : came) {
            if (!without.contains(device)) {
                parties.get(device).unmask(came, server.boxes(device)).forEach((owner, share) -> {
                    Optional<String> wrong = server.check(device, owner, share);
                    if (wrong.isPresent()) {
                        throw new IllegalStateException(wrong.get());
                    }
                    server.give(device, owner, share);
                });
            }
        }
    }

    Map<Integer, Summand> summands(int values, int ballots, long seed) {
        Random random = new Random(seed);
        Map<Integer, Summand> summands = new LinkedHashMap<>();
        for (int device : parties.keySet()) {
            float[] array = new float[values];
            for (int i = 0; i < values; i++) {
                array[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(14) - 9));
            }
            byte[] votes = new byte[ballots];
            for (int i = 0; i < ballots; i++) {
                votes[i] = (byte) random.nextInt(2);
            }
            summands.put(device, new Summand(1 + random.nextInt(5000), List.of(random.nextDouble() * 1e6), List.of(array), List.of(votes)));
        }
        return summands;
    }
}

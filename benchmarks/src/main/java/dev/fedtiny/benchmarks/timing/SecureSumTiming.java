package dev.fedtiny.benchmarks.timing;

import dev.fedtiny.privacy.MaskedSummand;
import dev.fedtiny.privacy.MaskedTotal;
import dev.fedtiny.privacy.OpenedSum;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.privacy.SharedSecrets;
import dev.fedtiny.privacy.ShownKeys;
import dev.fedtiny.privacy.SumId;
import dev.fedtiny.privacy.SumLayout;
import dev.fedtiny.privacy.SumParty;
import dev.fedtiny.privacy.SumServer;
import dev.fedtiny.privacy.Summand;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** One secure sum of devices in this process, step by step with its times: what a device spends, and what the server does. */
public final class SecureSumTiming {
    private final int devices;
    private final int lost;
    private final SecureAggregation rules;
    private final Summand summand;

    /**
     * A sum.
     *
     * @param devices that begin it
     * @param lost how many of them are gone before they send their values
     * @param neighbours k
     * @param values of each device
     */
    public SecureSumTiming(int devices, int lost, int neighbours, int values) {
        this.devices = devices;
        this.lost = lost;
        this.rules = new SecureAggregation(neighbours, SecureAggregation.USUAL_THRESHOLD, SecureAggregation.LEAST_DEVICES);
        float[] array = new float[values];
        for (int i = 0; i < values; i++) {
            array[i] = (i % 2001 - 1000) * 1e-4f;
        }
        this.summand = new Summand(500, List.of(), List.of(array), List.of());
    }

    /**
     * Milliseconds of a sum; of a device the mean over all.
     *
     * @param keys making two keys
     * @param share agreeing on keys of boxes, sharing and sealing
     * @param agree agreeing on masks
     * @param mask values and streams
     * @param unmask opening boxes
     * @param open at the server: putting secrets together and taking masks off
     * @param neighbours that a device had
     * @param bytesUp of a device, without frames
     * @param exact whether the sum was right
     */
    public record Times(double keys, double share, double agree, double mask, double unmask, double open, int neighbours, long bytesUp,
            boolean exact) {
        /** {@return milliseconds of a device in all} */
        public double device() {
            return keys + share + agree + mask + unmask;
        }
    }

    /**
     * Does one.
     *
     * @return its times
     */
    public Times run() {
        SumId sum = SumId.random();
        long start = System.nanoTime();
        TreeMap<Integer, SumParty> parties = new TreeMap<>();
        SortedMap<Integer, ShownKeys> shown = new TreeMap<>();
        for (int device = 0; device < devices; device++) {
            parties.put(device, new SumParty(sum, device, rules));
            shown.put(device, parties.get(device).shown());
        }
        double keys = millis(start) / devices;
        SumServer server = new SumServer(sum, rules, shown);
        start = System.nanoTime();
        Map<Integer, SharedSecrets> secrets = new TreeMap<>();
        parties.forEach((device, party) -> secrets.put(device, party.share(shown)));
        double share = millis(start) / devices;
        secrets.forEach(server::shared);
        List<Integer> members = server.members();
        List<MaskedSummand> masked = new ArrayList<>();
        start = System.nanoTime();
        members.forEach(device -> masked.add(parties.get(device).mask(members, summand)));
        double agree = millis(start) / devices;
        SumLayout layout = summand.layout(devices);
        MaskedTotal total = new MaskedTotal(layout);
        List<Integer> came = members.subList(lost, members.size());
        double mask = 0;
        for (int device : came) {
            start = System.nanoTime();
            byte[] vector = bytes(masked.get(members.indexOf(device)));
            mask += millis(start) / came.size();
            total.add(vector);
        }
        server.came(came).ifPresent(reason -> {
            throw new IllegalArgumentException(reason);
        });
        start = System.nanoTime();
        Map<Integer, SortedMap<Integer, byte[]>> shares = new TreeMap<>();
        came.forEach(device -> shares.put(device, parties.get(device).unmask(came, server.boxes(device))));
        double unmask = millis(start) / came.size();
        start = System.nanoTime();
        shares.forEach((device, given) -> given.forEach((owner, one) -> {
            server.check(device, owner, one).ifPresent(wrong -> {
                throw new IllegalStateException(wrong);
            });
            server.give(device, owner, one);
        }));
        OpenedSum opened = server.open(total);
        double open = millis(start);
        int holders = server.holders(came.getFirst());
        long bytesUp = 2 * 32 + 32 + 64L * holders + 80L * (holders - 1) + layout.bytes() + 36L * holders;
        return new Times(keys, share, agree, mask, unmask, open, holders - 1, bytesUp, opened.value(0) == 500.0 * came.size());
    }

    private static byte[] bytes(MaskedSummand masked) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(Math.toIntExact(masked.layout().bytes()));
        while (out.size() < masked.layout().bytes()) {
            out.writeBytes(masked.next());
        }
        return out.toByteArray();
    }

    private static double millis(long since) {
        return (System.nanoTime() - since) / 1e6;
    }
}

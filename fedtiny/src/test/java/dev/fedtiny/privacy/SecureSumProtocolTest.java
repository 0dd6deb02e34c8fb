package dev.fedtiny.privacy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices and server of one secure sum, without messages: the sum is exact, and what must not be told is not told. */
class SecureSumProtocolTest {
    private static final SecureAggregation FEW = new SecureAggregation(4, 0.5, 3);

    private static BigInteger integer(double value) {
        // t = round(v·2⁵²), by another way than that of the program.
        return new BigDecimal(value).multiply(new BigDecimal(BigInteger.ONE.shiftLeft(52)))
                .setScale(0, RoundingMode.HALF_EVEN).toBigIntegerExact();
    }

    private static BigInteger opened(OpenedSum sum, int word) {
        return BigInteger.valueOf(sum.high()[word]).shiftLeft(64).add(new BigInteger(Long.toUnsignedString(sum.low()[word])));
    }

    private static void assertSum(Map<Integer, Summand> summands, List<Integer> devices, OpenedSum sum) {
        SumLayout layout = summands.get(devices.getFirst()).layout(devices.size());
        BigInteger[] words = new BigInteger[layout.words()];
        Arrays.fill(words, BigInteger.ZERO);
        int[] votes = new int[layout.ballots()];
        for (int device : devices) {
            Summand.Reading reading = summands.get(device).read();
            double[] values = new double[layout.words()];
            int[] ballots = new int[layout.ballots()];
            reading.words(values, values.length);
            reading.ballots(ballots, ballots.length);
            for (int i = 0; i < values.length; i++) {
                words[i] = words[i].add(integer(values[i]));
            }
            for (int i = 0; i < ballots.length; i++) {
                votes[i] += ballots[i];
            }
        }
        for (int i = 0; i < words.length; i++) {
            assertEquals(words[i], opened(sum, i), "word " + i);
        }
        assertArrayEquals(votes, sum.ballots());
    }

    /** Pieces of the stream hold 1,024 words: sizes around that, none, one. */
    @ParameterizedTest
    @CsvSource({"3,0,0", "3,1,1", "4,1020,0", "5,1022,1025", "7,1023,3", "9,3000,1024", "26,2047,2048"})
    void theSumIsExactForAllSizes(int devices, int values, int ballots) {
        SumRehearsal rehearsal = new SumRehearsal(devices, SecureAggregation.USUAL);
        rehearsal.share(List.of());
        assertEquals(List.copyOf(rehearsal.parties.keySet()), rehearsal.members);
        Map<Integer, Summand> summands = rehearsal.summands(values, ballots, devices);
        assertEquals(Optional.empty(), rehearsal.mask(summands, List.of()));
        rehearsal.unmask(rehearsal.members, List.of());
        assertSum(summands, rehearsal.members, rehearsal.server.open(rehearsal.total));
    }

    /** Ballots of 256 devices and more take two bytes. */
    @Test
    void manyDevicesHaveLongerBallots() {
        assertEquals(1, SumLayout.of(3, 9, 255).ballotBytes());
        assertEquals(2, SumLayout.of(3, 9, 256).ballotBytes());
        SumRehearsal rehearsal = new SumRehearsal(260, new SecureAggregation(4, 0.5, 3));
        rehearsal.share(List.of());
        Map<Integer, Summand> summands = new TreeMap<>();
        rehearsal.parties.keySet().forEach(device -> summands.put(device, new Summand(1, List.of(), List.of(),
                List.of(new byte[] {1, 0}))));
        rehearsal.mask(summands, List.of());
        rehearsal.unmask(rehearsal.members, List.of());
        assertArrayEquals(new int[] {260, 0}, rehearsal.server.open(rehearsal.total).ballots());
    }

    /** Devices go before they share, before they send and before they help. */
    @Test
    void devicesDropOutAtEveryStep() {
        SumRehearsal rehearsal = new SumRehearsal(12, new SecureAggregation(20, 0.5, 3));
        rehearsal.share(List.of(rehearsal.device(3)));
        assertEquals(11, rehearsal.members.size());
        Map<Integer, Summand> summands = rehearsal.summands(1500, 10, 5);
        assertEquals(Optional.empty(), rehearsal.mask(summands, List.of(rehearsal.device(0), rehearsal.device(7))));
        List<Integer> came = new ArrayList<>(rehearsal.members);
        came.removeAll(List.of(rehearsal.device(0), rehearsal.device(7)));
        rehearsal.unmask(came, List.of(rehearsal.device(5)));
        assertSum(summands, came, rehearsal.server.open(rehearsal.total));
    }

    /** Of eight devices six hold enough shares by two thirds: two may go, three may not. */
    @Test
    void theThresholdHolds() {
        for (int gone = 0; gone <= 3; gone++) {
            SumRehearsal rehearsal = new SumRehearsal(8, SecureAggregation.USUAL);
            rehearsal.share(List.of());
            Map<Integer, Summand> summands = rehearsal.summands(10, 0, 6);
            List<Integer> missing = IntStream.range(0, gone).mapToObj(rehearsal::device).toList();
            Optional<String> broken = rehearsal.mask(summands, missing);
            assertEquals(gone > 2, broken.isPresent(), gone + " gone");
            List<Integer> came = new ArrayList<>(rehearsal.members);
            came.removeAll(missing);
            if (broken.isEmpty()) {
                rehearsal.unmask(came, List.of());
                assertSum(summands, came, rehearsal.server.open(rehearsal.total));
            } else {
                assertTrue(broken.get().contains("5 of 8") && broken.get().contains("6 are needed"), broken.get());
                // A server that asks all the same is refused by every device.
                assertTrue(assertThrows(SumRefusedException.class, () -> rehearsal.unmask(came, List.of())).getMessage()
                        .contains("5 of the 8"));
            }
        }
    }

    /** Helpers may go, too, as long as a threshold of shares comes back. */
    @Test
    void tooFewHelpersAreSaid() {
        SumRehearsal rehearsal = new SumRehearsal(8, SecureAggregation.USUAL);
        rehearsal.share(List.of());
        rehearsal.mask(rehearsal.summands(10, 0, 6), List.of());
        rehearsal.unmask(rehearsal.members, IntStream.range(0, 3).mapToObj(rehearsal::device).toList());
        String reason = assertThrows(SumRefusedException.class, () -> rehearsal.server.open(rehearsal.total)).getMessage();
        assertTrue(reason.contains("5 shares of device 1's secrets came back, 6 are needed"), reason);
    }

    /** A server that wants the seed and the key of one device: it would have to ask the same holder twice, or name a device twice. */
    @Test
    void noDeviceTellsBothSecretsOfAnother() {
        SumRehearsal rehearsal = new SumRehearsal(6, FEW);
        rehearsal.share(List.of());
        rehearsal.mask(rehearsal.summands(3, 0, 1), List.of());
        List<Integer> all = rehearsal.members;
        int asked = all.get(0);
        SumParty party = rehearsal.parties.get(asked);
        SortedMap<Integer, byte[]> boxes = rehearsal.server.boxes(asked);
        int victim = boxes.lastKey();
        SortedMap<Integer, byte[]> first = party.unmask(all, boxes);
        assertTrue(first.containsKey(victim));
        List<Integer> without = all.stream().filter(device -> device != victim).toList();
        String reason = assertThrows(SumRefusedException.class, () -> party.unmask(without, boxes)).getMessage();
        assertTrue(reason.contains("out of turn, or twice"), reason);
        assertThrows(SumRefusedException.class, () -> party.unmask(all, boxes));

        SumParty second = rehearsal.parties.get(all.get(1));
        List<Integer> twice = new ArrayList<>(all);
        twice.add(victim);
        assertThrows(SumRefusedException.class, () -> second.unmask(twice, rehearsal.server.boxes(all.get(1))));
        // And what it refused once it refuses for good.
        assertThrows(SumRefusedException.class, () -> second.unmask(all, rehearsal.server.boxes(all.get(1))));
    }

    /** The two thirds of two disjoint halves: what the server gets of each secret of one device stays below the threshold. */
    @Test
    void differentStoriesForDifferentDevicesGiveNoSecondSecret() {
        SumRehearsal rehearsal = new SumRehearsal(9, SecureAggregation.USUAL);
        rehearsal.share(List.of());
        rehearsal.mask(rehearsal.summands(3, 0, 1), List.of());
        List<Integer> all = rehearsal.members;
        int victim = all.getLast();
        List<Integer> without = all.stream().filter(device -> device != victim).toList();
        int seeds = 0;
        int keys = 0;
        for (int i = 0; i < all.size(); i++) {
            boolean toldThere = all.get(i) == victim || i % 2 == 0;
            SortedMap<Integer, byte[]> shares = rehearsal.parties.get(all.get(i)).unmask(toldThere ? all : without,
                    rehearsal.server.boxes(all.get(i)));
            seeds += toldThere && shares.containsKey(victim) ? 1 : 0;
            keys += !toldThere && shares.containsKey(victim) ? 1 : 0;
        }
        int needed = SecureAggregation.USUAL.shares(9);
        assertEquals(9, seeds + keys);
        assertTrue(seeds < needed && keys < needed, seeds + " and " + keys + " of " + needed);
    }

    @Test
    void wrongSharesAreNamedAndShortOnesAreMissed() {
        SumRehearsal rehearsal = new SumRehearsal(5, FEW);
        rehearsal.share(List.of());
        rehearsal.mask(rehearsal.summands(3, 0, 1), List.of());
        List<Integer> all = rehearsal.members;
        SortedMap<Integer, byte[]> shares = rehearsal.parties.get(all.get(0)).unmask(all, rehearsal.server.boxes(all.get(0)));
        int owner = shares.lastKey();
        byte[] wrong = shares.get(owner).clone();
        wrong[31] ^= 1;
        assertTrue(rehearsal.server.check(all.get(0), owner, wrong).orElseThrow().contains("is not the one it was given"));
        assertTrue(rehearsal.server.check(all.get(0), owner, Arrays.copyOf(wrong, 31)).isPresent());
        assertTrue(rehearsal.server.check(all.get(0), 2, wrong).orElseThrow().contains("holds none"), "no such device");
        assertEquals(Optional.empty(), rehearsal.server.check(all.get(0), owner, shares.get(owner)));
        // Given twice it counts once.
        rehearsal.server.give(all.get(0), owner, shares.get(owner));
        rehearsal.server.give(all.get(0), owner, shares.get(owner));
        String reason = assertThrows(SumRefusedException.class, () -> rehearsal.server.open(rehearsal.total)).getMessage();
        assertTrue(reason.contains("0 shares of device 1") || reason.contains("1 shares of device " + owner), reason);
    }

    /** A share in a box that was changed, or sealed for somebody else, is left out. */
    @Test
    void boxesOfOthersAreNotOpened() {
        SumRehearsal rehearsal = new SumRehearsal(5, FEW);
        rehearsal.share(List.of());
        rehearsal.mask(rehearsal.summands(3, 0, 1), List.of());
        List<Integer> all = rehearsal.members;
        SortedMap<Integer, byte[]> boxes = rehearsal.server.boxes(all.get(0));
        int first = boxes.firstKey();
        int last = boxes.lastKey();
        byte[] changed = boxes.get(first).clone();
        changed[5] ^= 4;
        boxes.put(first, changed);
        boxes.put(last, rehearsal.server.boxes(all.get(1)).firstEntry().getValue());
        SortedMap<Integer, byte[]> shares = rehearsal.parties.get(all.get(0)).unmask(all, boxes);
        assertFalse(shares.containsKey(first));
        assertFalse(shares.containsKey(last));
        assertEquals(all.size() - 2, shares.size());
    }

    /** An owner whose shares do not give back what it committed to spoils the sum, and is named. */
    @Test
    void anOwnerThatSharesSomethingElseIsNamed() {
        SumRehearsal rehearsal = new SumRehearsal(4, FEW);
        rehearsal.server = new SumServer(rehearsal.sum, FEW, rehearsal.shown);
        rehearsal.parties.forEach((device, party) -> {
            SharedSecrets secrets = party.share(rehearsal.shown);
            byte[] other = secrets.seed().clone();
            other[0] ^= (byte) (device == 4 ? 1 : 0);
            rehearsal.server.shared(device, new SharedSecrets(other, secrets.seedShares(), secrets.keyShares(), secrets.boxes()));
        });
        rehearsal.members = rehearsal.server.members();
        rehearsal.mask(rehearsal.summands(3, 0, 1), List.of());
        rehearsal.unmask(rehearsal.members, List.of());
        String reason = assertThrows(SumRefusedException.class, () -> rehearsal.server.open(rehearsal.total)).getMessage();
        assertTrue(reason.contains("the seed of device 4 is not the one it committed to"), reason);
    }

    /** A device that sends what no honest one sends is not seen by itself, but its sum is no sum any more. */
    @Test
    void aVectorOfNoiseIsFoundInTheSum() {
        SumRehearsal rehearsal = new SumRehearsal(4, FEW);
        rehearsal.share(List.of());
        Map<Integer, Summand> summands = rehearsal.summands(200, 0, 1);
        rehearsal.mask(summands, List.of());
        byte[] noise = new byte[(int) rehearsal.layout.bytes()];
        new Random(4).nextBytes(noise);
        rehearsal.total.add(noise);
        rehearsal.unmask(rehearsal.members, List.of());
        assertTrue(assertThrows(SumRefusedException.class, () -> rehearsal.server.open(rehearsal.total)).getMessage()
                .contains("masks do not cancel"));
    }

    @Test
    void keysThatAreNotFreshAreRefused() {
        SumRehearsal rehearsal = new SumRehearsal(4, FEW);
        SumParty party = rehearsal.parties.get(1);
        SortedMap<Integer, ShownKeys> changed = new TreeMap<>(rehearsal.shown);
        changed.put(1, new SumParty(rehearsal.sum, 1, FEW).shown());
        assertTrue(assertThrows(SumRefusedException.class, () -> party.share(changed)).getMessage().contains("not its own"));
        assertThrows(SumRefusedException.class, () -> party.share(rehearsal.shown), "what it refused once it refuses for good");

        SortedMap<Integer, ShownKeys> replayed = new TreeMap<>(rehearsal.shown);
        replayed.put(7, rehearsal.shown.get(10));
        assertTrue(assertThrows(SumRefusedException.class, () -> rehearsal.parties.get(4).share(replayed)).getMessage()
                .contains("shown twice"));

        SortedMap<Integer, ShownKeys> few = new TreeMap<>(rehearsal.shown);
        few.remove(1);
        few.remove(4);
        assertTrue(assertThrows(SumRefusedException.class, () -> rehearsal.parties.get(7).share(few)).getMessage()
                .contains("a sum of 2 devices"));
    }

    @Test
    void stepsOutOfTurnAreRefused() {
        SumRehearsal rehearsal = new SumRehearsal(4, FEW);
        assertThrows(SumRefusedException.class, () -> rehearsal.parties.get(1).unmask(List.of(1, 4, 7), Map.of()));
        Map<Integer, Summand> summands = rehearsal.summands(3, 0, 1);
        assertThrows(SumRefusedException.class, () -> rehearsal.parties.get(4).mask(List.of(1, 4, 7), summands.get(4)));
    }

    /** A mask against strangers, or against too few. */
    @Test
    void membersAreChecked() {
        for (List<Integer> members : List.of(List.of(1, 4, 7, 8), List.of(4, 7, 10), List.of(1, 4, 4, 7), List.of(1, 4))) {
            SumRehearsal rehearsal = new SumRehearsal(4, FEW);
            rehearsal.share(List.of());
            Map<Integer, Summand> summands = rehearsal.summands(3, 0, 1);
            assertThrows(SumRefusedException.class, () -> rehearsal.parties.get(1).mask(members, summands.get(1)), members.toString());
        }
    }

    @Test
    void valuesOutOfRangeAreRefusedBeforeAnythingIsSent() {
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 1e13f}) {
            SumRehearsal rehearsal = new SumRehearsal(3, FEW);
            rehearsal.share(List.of());
            Summand summand = new Summand(2, List.of(), List.of(new float[] {0, value}), List.of());
            String reason = assertThrows(ArithmeticException.class, () -> rehearsal.parties.get(1).mask(rehearsal.members, summand))
                    .getMessage();
            assertTrue(reason.contains("has no place in a secure sum of 3 devices"), reason);
        }
    }

    /** The same values have other bytes in every sum, and no byte of them shows. */
    @Test
    void masksHideTheValues() {
        byte[][] sent = new byte[2][];
        for (int i = 0; i < 2; i++) {
            SumRehearsal rehearsal = new SumRehearsal(3, FEW);
            rehearsal.share(List.of());
            sent[i] = SumRehearsal.bytes(rehearsal.parties.get(1).mask(rehearsal.members,
                    new Summand(1, List.of(), List.of(new float[4000]), List.of(new byte[4000]))));
        }
        assertNotEquals(-1, Arrays.mismatch(sent[0], sent[1]));
        int same = 0;
        int[] counts = new int[256];
        for (int i = 0; i < sent[0].length; i++) {
            same += sent[0][i] == sent[1][i] ? 1 : 0;
            counts[sent[0][i] & 0xff]++;
        }
        double share = (double) same / sent[0].length;
        assertTrue(share > 1.0 / 512 && share < 1.0 / 128, "equal bytes " + share);
        double expected = sent[0].length / 256.0;
        double chi = Arrays.stream(counts).mapToDouble(count -> (count - expected) * (count - expected) / expected).sum();
        // 255 degrees of freedom: 400 is five in a hundred million.
        assertTrue(chi < 400, "χ² = " + chi);
    }

    /** RFC 7748, section 6.1. */
    @Test
    void agreementIsThatOfTheStandard() {
        AgreementKey a = AgreementKey.of(bytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
        assertArrayEquals(bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"), a.shown());
        AgreementKey b = AgreementKey.of(bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        assertArrayEquals(bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"), b.shown());
        byte[] shared = bytes("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assertArrayEquals(shared, a.agree(b.shown()));
        assertArrayEquals(shared, b.agree(a.shown()));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /** Points of small order give the same secret to everybody, so that no mask would hide anything. */
    @Test
    void keysThatEverybodyAgreesOnAreNotUsable() {
        byte[] one = new byte[32];
        one[0] = 1;
        ShownKeys good = new SumParty(SumId.random(), 1, FEW).shown();
        assertTrue(good.usable());
        assertFalse(new ShownKeys(good.sealing(), new byte[32]).usable());
        assertFalse(new ShownKeys(one, good.masking()).usable());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 14, 255})
    void anyThresholdOfSharesGivesTheSecretBack(int threshold) {
        byte[] secret = new byte[32];
        new Random(threshold).nextBytes(secret);
        int count = Math.min(255, threshold + 7);
        byte[][] shares = SecretShares.split(secret, count, threshold);
        for (int shift = 0; shift <= count - threshold; shift++) {
            Map<Integer, byte[]> some = new TreeMap<>();
            for (int i = 0; i < threshold; i++) {
                some.put(1 + (i + shift) % count, shares[(i + shift) % count]);
            }
            assertArrayEquals(secret, SecretShares.join(some));
        }
        if (threshold > 1) {
            Map<Integer, byte[]> fewer = new TreeMap<>();
            for (int i = 0; i < threshold - 1; i++) {
                fewer.put(i + 1, shares[i]);
            }
            assertFalse(Arrays.equals(secret, SecretShares.join(fewer)));
        }
    }

    /** Everybody is a neighbour of its neighbours, and has k of them; the order depends on the keys and the name of the sum. */
    @Test
    void theGraphIsRegularAndSymmetric() {
        for (int devices : new int[] {3, 20, 21, 22, 23, 60}) {
            SumRehearsal rehearsal = new SumRehearsal(devices, SecureAggregation.USUAL);
            NeighbourGraph graph = SumParty.graph(rehearsal.sum, rehearsal.shown, SecureAggregation.USUAL);
            for (int device : rehearsal.shown.keySet()) {
                assertEquals(Math.min(20, devices - 1), graph.of(device).size(), devices + " devices");
                graph.of(device).forEach(other -> assertTrue(graph.of(other).contains(device)));
                assertFalse(graph.of(device).contains(device));
            }
            NeighbourGraph other = SumParty.graph(SumId.random(), rehearsal.shown, SecureAggregation.USUAL);
            if (devices > 30) {
                assertTrue(rehearsal.shown.keySet().stream().anyMatch(device -> !graph.of(device).equals(other.of(device))));
            }
        }
        assertEquals(15, SecureAggregation.USUAL.shares(21), "more than two thirds");
        assertEquals(3, SecureAggregation.USUAL.shares(4));
    }
}

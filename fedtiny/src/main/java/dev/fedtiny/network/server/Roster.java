package dev.fedtiny.network.server;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.network.DevicePublicKey;
import dev.fedtiny.protocol.DeviceToken;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Who has a place, kept in {@code roster.jsonl}: enrolments and revocations in the order in which they happened, on the disk before they
 * count. Devices that enrol while the disk is at work share its next turn: a disk needs milliseconds to say that bytes are there, however
 * many they are. Thread-safe.
 */
final class Roster implements Closeable {
    private static final String FILE = "roster.jsonl";

    private final JsonLines lines;
    private final EnrolmentTokens tokens;
    private final Clock clock;
    private final Map<String, Member> byId = new HashMap<>();
    private final Map<Integer, Member> byNumber = new HashMap<>();
    private final Set<String> usedTokens = new HashSet<>();
    private final Set<String> revoked = new HashSet<>();
    private final Queue<Enrolment> waiting = new ConcurrentLinkedQueue<>();

    /** Why a device was not taken in. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String reason) {
            super(reason);
        }
    }

    /** A device that wants its place, until it has it or was told why not. Guarded by the roster, but for what it begins with. */
    private static final class Enrolment {
        private final DeviceToken token;
        private final DevicePublicKey key;
        private final AuditLog audit;
        private Member member;
        private Exception refused;

        Enrolment(DeviceToken token, DevicePublicKey key, AuditLog audit) {
            this.token = token;
            this.key = key;
            this.audit = audit;
        }

        boolean isDone() {
            return member != null || refused != null;
        }
    }

    /** Nobody has a place; lines are added to an open file. */
    Roster(JsonLines lines, EnrolmentTokens tokens, Clock clock) {
        this.lines = lines;
        this.tokens = tokens;
        this.clock = clock;
    }

    static Roster open(Path folder, Clock clock) throws IOException {
        JsonLines.Opened opened = JsonLines.open(folder.resolve(FILE), JsonLines.Durability.SYNCED);
        Roster roster = new Roster(opened.lines(), new EnrolmentTokens(folder), clock);
        opened.before().forEach(roster::replay);
        return roster;
    }

    private void replay(JsonObject line) {
        if (line.string("event").equals("revoke")) {
            revoked.add(line.string("device"));
        } else {
            enter(new Member(Math.toIntExact(line.integer("number")), new DevicePublicKey(line.string("key"))), line.string("token"));
        }
    }

    private void enter(Member member, String token) {
        byId.put(member.id(), member);
        byNumber.put(member.number(), member);
        usedTokens.add(token);
    }

    /**
     * Gives a device its place. The same key with its token again has the place it has.
     *
     * @param audit is told before the device is in
     * @throws Refused if the token is none of these, was used by another key, or is too old, or the device was revoked
     */
    Member enrol(DeviceToken token, DevicePublicKey key, AuditLog audit) throws IOException, Refused {
        Enrolment mine = new Enrolment(token, key, audit);
        waiting.add(mine);
        synchronized (this) {
            if (!mine.isDone()) {
                enrolWaiting();
            }
        }
        switch (mine.refused) {
            case null -> {
                return Objects.requireNonNull(mine.member, "an enrolment ended with an error; send it again");
            }
            case IOException e -> throw e;
            case Refused e -> throw e;
            default -> throw (RuntimeException) mine.refused;
        }
    }

    /** Gives all that wait their places, with one write to the disk. Holds the lock. */
    private void enrolWaiting() {
        List<Enrolment> now = new ArrayList<>();
        Map<Member, String> entered = new LinkedHashMap<>();
        List<JsonObject> written = new ArrayList<>();
        for (Enrolment one = waiting.poll(); one != null; one = waiting.poll()) {
            now.add(one);
            try {
                String hash = EnrolmentTokens.hash(one.token);
                one.member = present(hash, one.key);
                if (one.member == null) {
                    Member member = new Member(tokens.find(hash).orElseThrow().number(), one.key);
                    one.audit.write(AuditLog.line(AuditLog.Event.ENROL, member));
                    written.add(JsonObject.builder().put("event", "enrol").put("number", member.number()).put("key", one.key.text())
                            .put("token", hash).put("time", clock.instant().toString()).build());
                    enter(member, hash);
                    entered.put(member, hash);
                    one.member = member;
                }
            } catch (IOException | Refused | RuntimeException e) {
                one.refused = e;
            }
        }
        try {
            if (!written.isEmpty()) {
                lines.append(written);
            }
        } catch (IOException e) {
            entered.forEach((member, hash) -> {
                byId.remove(member.id());
                byNumber.remove(member.number());
                usedTokens.remove(hash);
            });
            now.stream().filter(one -> one.member != null && entered.containsKey(one.member)).forEach(one -> one.refused = e);
        }
    }

    /**
     * Who has the place of a token with this key already; null where it may be given.
     *
     * @param hash of the token
     * @throws Refused if it may not
     */
    private Member present(String hash, DevicePublicKey key) throws IOException, Refused {
        if (revoked.contains(key.id())) {
            throw new Refused("the operator has taken this device's place away");
        }
        Member present = byId.get(key.id());
        EnrolmentTokens.Known known = tokens.find(hash).orElseThrow(() -> new Refused("no such token was made for this federation"));
        if (usedTokens.contains(hash)) {
            if (present != null && present.number() == known.number()) {
                return present;
            }
            throw new Refused("this token was used by another device; every device needs one of its own");
        }
        if (present != null) {
            throw new Refused("this key has place " + present.number() + " already, and the token is for place " + known.number());
        }
        if (!clock.instant().isBefore(known.expires())) {
            throw new Refused("this token could be used until " + known.expires() + "; have a new one made");
        }
        return null;
    }

    /** How many devices wait for their places. */
    int waiting() {
        return waiting.size();
    }

    /** Takes a device's place away; its number is not given again. Empty if there is no such device, or it has none any more. */
    synchronized Optional<Member> revoke(String id, AuditLog audit) throws IOException {
        Member member = byId.get(id);
        if (member == null || revoked.contains(id)) {
            return Optional.empty();
        }
        audit.write(AuditLog.line(AuditLog.Event.REVOKE, member));
        lines.append(JsonObject.builder().put("event", "revoke").put("device", id).put("time", clock.instant().toString()).build());
        revoked.add(id);
        return Optional.of(member);
    }

    /** A device of this id that may come. */
    synchronized Optional<Member> find(String id) {
        return Optional.ofNullable(byId.get(id)).filter(member -> !revoked.contains(id));
    }

    /** A device of this number that may come. */
    synchronized Optional<Member> find(int number) {
        return Optional.ofNullable(byNumber.get(number)).filter(member -> !revoked.contains(member.id()));
    }

    /** All that may come, by number. */
    synchronized List<Member> members() {
        return byNumber.values().stream().filter(member -> !revoked.contains(member.id()))
                .sorted(Comparator.comparingInt(Member::number)).toList();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}

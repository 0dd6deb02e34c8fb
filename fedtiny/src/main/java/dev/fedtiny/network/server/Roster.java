package dev.fedtiny.network.server;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.network.DevicePublicKey;
import dev.fedtiny.protocol.DeviceToken;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who has a place, kept in {@code roster.jsonl}: enrolments and revocations in the order in which they happened, on the disk before they
 * count. Thread-safe.
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

    /** Why a device was not taken in. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String reason) {
            super(reason);
        }
    }

    private Roster(JsonLines lines, EnrolmentTokens tokens, Clock clock) {
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
    synchronized Member enrol(DeviceToken token, DevicePublicKey key, AuditLog audit) throws IOException, Refused {
        if (revoked.contains(key.id())) {
            throw new Refused("the operator has taken this device's place away");
        }
        String hash = EnrolmentTokens.hash(token);
        Member present = byId.get(key.id());
        EnrolmentTokens.Known known = tokens.find(hash).orElse(null);
        if (known == null) {
            throw new Refused("no such token was made for this federation");
        }
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
        Member member = new Member(known.number(), key);
        audit.write(AuditLog.line(AuditLog.Event.ENROL, member));
        lines.append(JsonObject.builder().put("event", "enrol").put("number", member.number()).put("key", key.text()).put("token", hash)
                .put("time", clock.instant().toString()).build());
        enter(member, hash);
        return member;
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

    /** Places that a token was made for, taken or not. */
    int places() throws IOException {
        return tokens.count();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}

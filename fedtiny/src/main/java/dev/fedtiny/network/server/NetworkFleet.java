package dev.fedtiny.network.server;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.federation.Capacity;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.RoundLog;
import dev.fedtiny.protocol.Hello;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.TrafficCounter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Devices on other machines, which fetch their requests from a {@link FederationServer}. A device that works is waited for until the limit
 * of its turn; one that says nothing for longer than {@link Limits#silence} is lost. Answers are files until they are looked at, one after
 * the other. Answers to training that came in an earlier life of the server, and whose rounds the run may go back to, are used again; the
 * devices that gave them are then treated as ones that started anew, since they hold what they held before.
 */
public final class NetworkFleet implements Fleet {
    private static final long TICK_MILLIS = 200;
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private final FederationServer server;
    private final Rules rules;
    private final TrafficCounter traffic = new TrafficCounter();
    private final ReportersLog log;

    /**
     * What a fleet goes by.
     *
     * @param networkFingerprint of the network that devices were told
     * @param development how devices set development data apart
     * @param answerWithin wall time a device has for work
     */
    public record Rules(long networkFingerprint, DevelopmentSplit development, Duration answerWithin) {
        /** Checks the ranges. */
        public Rules {
            if (!answerWithin.isPositive()) {
                throw new IllegalArgumentException("network fleet: " + answerWithin + " for an answer must be positive");
            }
        }
    }

    /**
     * A fleet of whoever joins.
     *
     * @param server which becomes the fleet's own and is closed with it, also where there is none
     * @param rules how long devices are waited for
     * @throws IOException if the log of reporters cannot be opened
     */
    public NetworkFleet(FederationServer server, Rules rules) throws IOException {
        this.server = server;
        this.rules = rules;
        try {
            this.log = ReportersLog.open(server.rules().work().resolve("reporters.jsonl"));
        } catch (IOException | RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    /**
     * Who was heard, over the end of the server.
     *
     * @return the log, to be given to the federation
     */
    public RoundLog roundLog() {
        return log;
    }

    /**
     * Waits until devices are there.
     *
     * @param count how many
     * @throws InterruptedException if the thread is interrupted
     */
    public void await(int count) throws InterruptedException {
        server.status().progress(new ServerStatus.Progress(ServerStatus.Progress.WAITING, 0, count, 0, 0, server.status().started()));
        while (roster().size() < count) {
            Thread.sleep(TICK_MILLIS);
        }
    }

    private boolean heardOf(int device) {
        return server.places().silence(device) <= server.rules().limits().silence().toNanos();
    }

    @Override
    public List<Integer> roster() {
        return server.gate().all().stream().map(Presence::member).filter(member -> server.roster().find(member.number()).isPresent())
                .map(Member::number).filter(this::heardOf).sorted().toList();
    }

    @Override
    public Optional<Hello> introduction(int device) {
        return server.gate().presence(device).map(presence -> new Hello(rules.networkFingerprint(), presence.platform(), presence.samples(),
                rules.development().size(presence.samples())));
    }

    /** The key that the device enrolled with. */
    @Override
    public Optional<byte[]> identity(int device) {
        return server.roster().find(device).map(member -> Base64.getDecoder().decode(member.key().text()));
    }

    @Override
    public Capacity capacity(int device) {
        return server.gate().presence(device).map(Presence::capacity).orElse(Capacity.UNSTATED);
    }

    @Override
    public List<Integer> renewed(List<Integer> devices) {
        return devices.stream().filter(server.places()::takeRenewed).toList();
    }

    @Override
    public void exchange(List<Integer> devices, Requests requests, Answers answers) {
        if (!devices.isEmpty()) {
            new OneExchange(requests, answers).run(devices);
        }
    }

    /** One request to many devices, on the caller's thread; turns end on those of the server. */
    private final class OneExchange implements Turn.Listener {
        private final Requests requests;
        private final Answers answers;
        private final BlockingQueue<Turn> ended = new LinkedBlockingQueue<>();
        private final Map<Integer, Turn> open = new LinkedHashMap<>();
        private final Instant start = Instant.now();
        private MessageKind kind;
        private int round;
        private int asked;
        private int answered;
        private int lost;
        /** For answers, which have the same length, mostly, and are looked at one after the other. */
        private byte[] spare = new byte[0];

        private OneExchange(Requests requests, Answers answers) {
            this.requests = requests;
            this.answers = answers;
        }

        private void run(List<Integer> devices) {
            Errand first = errand(devices.getFirst());
            kind = first.request().kind();
            round = first.request().round();
            asked = devices.size();
            Duration own = works() ? rules.answerWithin() : kind == MessageKind.FINISH ? FAREWELL : server.rules().limits().silence();
            long lookedNanos = System.nanoTime();
            long limitNanos = lookedNanos + own.toNanos();
            try {
                offer(devices, start.plus(answers.remaining().filter(left -> left.compareTo(own) < 0).orElse(own)));
                while (!open.isEmpty() && answers.open()) {
                    Duration left = answers.remaining().orElse(own);
                    if (left.isZero() || left.isNegative()) {
                        return;
                    }
                    Turn turn = ended.poll(Math.min(TICK_MILLIS, Math.max(1, left.toMillis())), TimeUnit.MILLISECONDS);
                    if (turn != null) {
                        handOver(turn);
                    }
                    if (System.nanoTime() - lookedNanos > TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS)) {
                        lookedNanos = System.nanoTime();
                        loseSilent(lookedNanos > limitNanos, own);
                    }
                    progress();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while devices were at work", e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                open.values().forEach(Turn::close);
            }
        }

        private boolean works() {
            return switch (kind) {
                case WELCOME, RESTORE, FINISH -> false;
                default -> true;
            };
        }

        private Errand errand(int device) {
            return new Errand(requests.request(device), requests.longestAnswer(device));
        }

        private void offer(List<Integer> devices, Instant deadline) throws IOException {
            boolean stored = !server.answers().isEmpty();
            List<Integer> gone = new ArrayList<>();
            for (int device : devices) {
                Optional<Member> member = server.roster().find(device);
                if (member.isEmpty()) {
                    gone.add(device);
                    continue;
                }
                Turn turn = new Turn(member.get(), server.rules().run(), () -> errand(device), server.answers(), deadline.toEpochMilli(),
                        this);
                open.put(device, turn);
                if (stored && turn.useStored()) {
                    // The device does not do it again, so that it does not hold what it would hold then.
                    server.places().outdated(device);
                    traffic.count(turn.errand().request().kind(), turn.errand().request().frameBytes());
                    ended.add(turn);
                } else {
                    server.places().offer(turn);
                }
            }
            progress();
            for (int device : gone) {
                lose(device, "device " + device + " has no place in the federation any more");
            }
        }

        @Override
        public void taken(Turn turn, Errand errand) {
            traffic.count(errand.request().kind(), errand.request().frameBytes());
        }

        @Override
        public void ended(Turn turn) {
            ended.add(turn);
        }

        private void handOver(Turn turn) throws IOException {
            int device = turn.member().number();
            if (open.remove(device) == null) {
                return;
            }
            if (turn.lost().isPresent()) {
                lose(device, turn.lost().get());
                return;
            }
            spare = turn.takeAnswer(AnswerFiles.lasting(kind), spare);
            traffic.count(spare);
            Optional<String> refused = answers.answered(device, spare);
            if (refused.isPresent()) {
                lost++;
                server.status().failed(device, refused.get());
                turn.forget();
                note(AuditLog.line(AuditLog.Event.REJECT, turn.member()).put("turn", turn.id()).put("reason", refused.get()));
                turn.verdict().complete(Verdict.rejected(refused.get()));
            } else {
                answered++;
                note(AuditLog.line(AuditLog.Event.ACCEPT, turn.member()).put("turn", turn.id()).put("bytes", spare.length));
                turn.verdict().complete(Verdict.ACCEPTED);
            }
        }

        private void lose(int device, String reason) {
            lost++;
            server.status().failed(device, reason);
            server.roster().find(device).ifPresent(member -> note(AuditLog.line(AuditLog.Event.LOST, member).put("round", round + 1L)
                    .put("reason", reason)));
            answers.lost(device, reason);
        }

        /** The answer itself was written down when it came; this is what became of it. */
        private void note(JsonObject.Builder line) {
            try {
                server.audit().write(line);
            } catch (IOException e) {
                server.status().failed(-1, "the audit log cannot be written: " + IoProblem.describe("", e));
            }
        }

        private void loseSilent(boolean late, Duration within) {
            for (Turn turn : List.copyOf(open.values())) {
                int device = turn.member().number();
                if (late) {
                    turn.lose("device " + device + " gave no answer within " + within.toSeconds() + " s");
                } else if (!heardOf(device)) {
                    turn.lose("device " + device + " was not heard of for " + server.places().silence(device) / 1_000_000_000 + " s");
                }
            }
        }

        private void progress() {
            server.status().progress(new ServerStatus.Progress(kind.name(), round + 1L, asked, answered, lost, start));
        }
    }

    @Override
    public void saved(int next) {
        try {
            server.answers().removeBefore(next);
        } catch (IOException e) {
            server.status().failed(-1, "answers of earlier rounds could not be removed: " + IoProblem.describe("", e));
        }
    }

    @Override
    public Traffic traffic() {
        return traffic.total();
    }

    /** Listens no more, without a word to the devices, which wait for a server that goes on. */
    @Override
    public void abandon() {
        try (server) {
            log.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says to everybody that it is over, and listens no more. */
    @Override
    public void close() {
        server.end();
        abandon();
    }
}

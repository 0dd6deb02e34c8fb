package dev.fedtiny.network.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.fedtiny.data.Sha256;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.DeviceToken;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Listens for devices: HTTPS on the JDK's own server, a virtual thread a request. Keeps who may come, what they were asked and what they
 * answered in one folder, which no other process works in meanwhile. What devices are asked, and what becomes of their answers, decides the
 * {@link NetworkFleet} over it. An idle device that waits for work costs about 60 KB of heap; answers are on the disk.
 */
public final class FederationServer implements AutoCloseable {
    private static final String OPERATOR_TOKEN = "operator.token";
    private static final int BACKLOG = 1024;
    /** For devices to ask that do something else. */
    private static final int FAREWELL_MILLIS = 300;
    /** For requests that are under way when all is over; no time where there are none. */
    private static final int FAREWELL_SECONDS = 10;

    static {
        // Read once, when the first server of this virtual machine is made. What the user gave stays.
        usual("sun.net.httpserver.nodelay", "true");
        usual("sun.net.httpserver.maxIdleConnections", "20000");
        usual("sun.net.httpserver.maxReqHeaderSize", Integer.toString(16 << 10));
        usual("sun.net.httpserver.maxReqHeaders", "64");
    }

    private static void usual(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * What a server does.
     *
     * @param folder of the federation, with those who may come; made if it is not there
     * @param work folder of the run, with what devices answer; made if it is not there
     * @param listen where devices connect to; port 0: any free one
     * @param tls what the server proves itself with
     * @param limits on what devices may use
     * @param run a name of the run, the same after the server was started again
     * @param terms what a device is told once; not to be changed
     * @param admission who may take part
     */
    public record Rules(Path folder, Path work, InetSocketAddress listen, ServerTls tls, Limits limits, String run, byte[] terms,
            Admission admission) {
        /** Checks that nothing is missing. */
        public Rules {
            Objects.requireNonNull(folder, "folder");
            Objects.requireNonNull(work, "work");
            Objects.requireNonNull(listen, "listen");
            Objects.requireNonNull(tls, "tls");
            Objects.requireNonNull(limits, "limits");
            Objects.requireNonNull(run, "run");
            Objects.requireNonNull(terms, "terms");
            Objects.requireNonNull(admission, "admission");
        }
    }

    private final Rules rules;
    private final ProcessLock lock;
    private final AuditLog audit;
    private final Roster roster;
    private final AnswerFiles answers;
    private final JsonLines costs;
    private final Gate gate;
    private final Places places;
    private final Bodies bodies;
    private final ServerStatus status;
    private final DeviceRequests devices;
    private final OperatorRequests operator;
    private final Knocks knocks;
    private final RequestThreads threads;
    private final HttpsServer http;
    private volatile boolean over;

    /**
     * Opens the folder and listens.
     *
     * @param rules what it does
     * @throws IOException if the folder cannot be used, or nothing can listen there
     * @throws IllegalArgumentException if another process works in the folder
     */
    public FederationServer(Rules rules) throws IOException {
        this(rules, Clock.systemUTC(), System::nanoTime);
    }

    FederationServer(Rules rules, Clock clock, LongSupplier nanos) throws IOException {
        this.rules = rules;
        this.places = new Places(nanos);
        Path folder = PrivateFolder.createAll(rules.folder());
        this.lock = ProcessLock.of(folder, "server");
        List<Closeable> opened = new ArrayList<>(List.of(lock));
        try {
            this.audit = kept(opened, AuditLog.open(folder.resolve("audit.jsonl")));
            this.roster = kept(opened, Roster.open(folder, clock));
            this.answers = kept(opened, AnswerFiles.open(PrivateFolder.createAll(rules.work()).resolve("answers")));
            this.costs = kept(opened, JsonLines.append(rules.work().resolve("costs.jsonl"), JsonLines.Durability.WRITTEN));
            this.threads = kept(opened, new RequestThreads(rules.limits().headersWithin()));
            this.gate = new Gate(roster, clock, rules.limits());
            this.bodies = new Bodies(threads, rules.limits().bodyWithin());
            this.status = new ServerStatus(costs);
            this.devices = new DeviceRequests(rules, roster, audit, gate, places, bodies, status, clock);
            this.operator = new OperatorRequests(roster, audit, gate, places, bodies, status, rules.limits().silence());
            this.knocks = new Knocks(rules.limits().knocksPerSecond(), nanos);
            DeviceToken operatorToken = operatorToken(folder);
            HttpsServer listening = HttpsServer.create(rules.listen(), BACKLOG);
            this.http = listening;
            opened.add(() -> listening.stop(0));
            http.setHttpsConfigurator(rules.tls().configurator());
            http.setExecutor(threads);
            http.createContext("/", exchange -> answer(exchange, operatorToken));
            http.start();
            audit.write(AuditLog.line(AuditLog.Event.START).put("address", address().toString()).put("run", rules.run()));
        } catch (IOException | RuntimeException | Error e) {
            for (Closeable one : opened.reversed()) {
                try {
                    one.close();
                } catch (IOException more) {
                    e.addSuppressed(more);
                }
            }
            throw e;
        }
    }

    private static <T extends Closeable> T kept(List<Closeable> opened, T one) {
        opened.add(one);
        return one;
    }

    private static DeviceToken operatorToken(Path folder) throws IOException {
        Path file = folder.resolve(OPERATOR_TOKEN);
        if (Files.notExists(file)) {
            TokenFile.write(file, DeviceToken.random());
        }
        return TokenFile.read(file);
    }

    /**
     * Where the secret lies that status and revocation ask for.
     *
     * @return a file of mode 0600
     */
    public Path operatorTokenFile() {
        return rules.folder().resolve(OPERATOR_TOKEN);
    }

    /**
     * Where devices connect to.
     *
     * @return host and port
     */
    public InetSocketAddress address() {
        return http.getAddress();
    }

    Rules rules() {
        return rules;
    }

    Roster roster() {
        return roster;
    }

    Gate gate() {
        return gate;
    }

    Places places() {
        return places;
    }

    AnswerFiles answers() {
        return answers;
    }

    AuditLog audit() {
        return audit;
    }

    ServerStatus status() {
        return status;
    }

    private void answer(HttpExchange exchange, DeviceToken operatorToken) throws IOException {
        try (exchange) {
            threads.headersArrived();
            Reply reply;
            try {
                reply = route(exchange, operatorToken);
            } catch (Refusal e) {
                reply = Reply.of(e);
            } catch (JsonException | IllegalArgumentException | ArithmeticException e) {
                reply = Reply.of(DeviceRequests.unreadable(e));
            } catch (FileWriteException e) {
                status.failed(-1, "the server cannot write: " + IoProblem.describe("", e));
                reply = Reply.of(Refusal.later(Refusal.UNAVAILABLE, "the server cannot write at the moment", 5));
            } catch (RuntimeException e) {
                status.failed(-1, "a fault of the server: " + e);
                reply = Reply.of(new Refusal(500, "a fault of the server"));
            }
            Reply answer = reply;
            threads.within(rules.limits().answerWithin(), () -> answer.send(exchange));
        }
    }

    private Reply route(HttpExchange exchange, DeviceToken operatorToken) throws Refusal, IOException {
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        switch (path) {
            case Wire.HELLO, Wire.ENROL, Wire.SESSION, Wire.STATUS, Wire.REVOKE, "/" -> {
                if (!knocks.allows(exchange.getRemoteAddress().getAddress())) {
                    throw Refusal.later(Refusal.TOO_MANY, "too many requests from this address", 1);
                }
            }
            default -> {
                // Needs a bearer, which whoever asks too often does not get.
            }
        }
        return switch (path) {
            case Wire.HELLO -> only("GET", method, devices::hello);
            case Wire.ENROL -> only("POST", method, () -> devices.enrol(exchange));
            case Wire.SESSION -> only("POST", method, () -> devices.session(exchange));
            case Wire.TASK -> only("GET", method, () -> devices.task(exchange));
            case Wire.STATUS -> only("GET", method, () -> isOperator(exchange, operatorToken, operator::status));
            case "/" -> only("GET", method, () -> isOperator(exchange, operatorToken, operator::page));
            case Wire.REVOKE -> only("POST", method, () -> isOperator(exchange, operatorToken, () -> operator.revoke(exchange)));
            default -> below(exchange, path, method);
        };
    }

    private Reply below(HttpExchange exchange, String path, String method) throws Refusal, IOException {
        if (path.startsWith(Wire.OBJECTS)) {
            return only("GET", method, () -> devices.object(exchange, path.substring(Wire.OBJECTS.length())));
        }
        int slash = path.lastIndexOf('/');
        if (path.startsWith(Wire.TURNS) && slash > Wire.TURNS.length()) {
            String turn = path.substring(Wire.TURNS.length(), slash);
            switch (path.substring(slash)) {
                case Wire.BEAT:
                    return only("POST", method, () -> devices.beat(exchange, turn));
                case Wire.ANSWER:
                    return only("PUT", method, () -> devices.answer(exchange, turn));
                case Wire.FAILURE:
                    return only("POST", method, () -> devices.failure(exchange, turn));
                default:
                    break;
            }
        }
        throw new Refusal(Refusal.NOT_FOUND, "there is no such request");
    }

    /** Makes a reply. */
    private interface Route {
        Reply reply() throws Refusal, IOException;
    }

    private static Reply only(String expected, String method, Route route) throws Refusal, IOException {
        if (!method.equals(expected)) {
            throw new Refusal(Refusal.METHOD, "this is asked with " + expected);
        }
        return route.reply();
    }

    /** Lets the operator pass, who shows the token as a bearer or, in a browser, as the password of anybody. */
    private static Reply isOperator(HttpExchange exchange, DeviceToken token, Route route) throws Refusal, IOException {
        String shown = exchange.getRequestHeaders().getFirst("Authorization");
        String secret = "";
        if (shown != null && shown.startsWith("Bearer ")) {
            secret = shown.substring("Bearer ".length());
        } else if (shown != null && shown.startsWith("Basic ")) {
            String pair = new String(Base64.getDecoder().decode(shown.substring("Basic ".length())), StandardCharsets.UTF_8);
            secret = pair.substring(pair.indexOf(':') + 1);
        }
        if (MessageDigest.isEqual(Sha256.begin().digest(secret.getBytes(StandardCharsets.UTF_8)),
                Sha256.begin().digest(token.hex().getBytes(StandardCharsets.UTF_8)))) {
            return route.reply();
        }
        Reply refused = Reply.of(new Refusal(Refusal.UNAUTHENTICATED, "for the operator: the password is in " + OPERATOR_TOKEN
                + " of the federation's folder"));
        return new Reply(refused.status(), refused.type(), Map.of("WWW-Authenticate", "Basic realm=\"federation\""),
                refused.content(), 0, refused.count());
    }

    /** Tells devices that ask for work that there will be none any more, and gives them the time to ask. */
    void end() {
        over = true;
        places.end();
        try {
            Thread.sleep(FAREWELL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops listening; requests that are under way are cut off, where all is over after they had time: their devices would come back. */
    @Override
    public void close() throws IOException {
        http.stop(over ? FAREWELL_SECONDS : 0);
        threads.close();
        audit.close();
        roster.close();
        costs.close();
        answers.close();
        lock.close();
    }
}

package dev.fedtiny.cluster;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.settings.NamedServices;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A node at work: checks that it may do a turn, keeps what it is sent, and has the {@link TurnTask} do it. Objects take at most a quarter
 * of the heap. Thread-safe.
 */
public final class TurnNode {
    private static final Pattern SHARE = Pattern.compile("device-(\\d{1,9})\\.images");
    private static final int SHARE_OF_HEAP = 4;

    private final NodeFacts facts;
    private final String classes;
    private final Platform platform;
    private final Map<Integer, Path> shares;
    private final ObjectStore objects = new ObjectStore(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    /** Looked for by this program's own class loader: threads of a cluster engine may have another one. */
    private final NamedServices<TurnTask> tasks = new NamedServices<>(TurnTask.class, "sort of turn", TurnTask::name,
            TurnTask.class::getClassLoader);

    /**
     * A node with this program's classes on this machine.
     *
     * @param slots how many turns it works on at the same time
     * @param shares folder of {@code device-K.images} files, as {@code partition --shares} writes them; empty where it holds no data
     * @param name what messages call it; empty: host and process
     * @throws DataException if the folder is not there or holds no such file
     */
    public TurnNode(int slots, Optional<Path> shares, Optional<String> name) {
        this(slots, shares, name, Classes.fingerprint(), Platform.here());
    }

    TurnNode(int slots, Optional<Path> shares, Optional<String> name, String classes, Platform platform) {
        this.classes = classes;
        this.platform = platform;
        this.shares = shares.map(TurnNode::found).orElse(Map.of());
        this.facts = new NodeFacts(UUID.randomUUID().toString(), name.orElseGet(TurnNode::here), slots, List.copyOf(this.shares.keySet()));
        // One that cannot be used is to be told now, and not in answer to a turn.
        tasks.all();
    }

    private static String here() {
        String process = "process " + ProcessHandle.current().pid();
        try {
            return InetAddress.getLocalHost().getHostName() + ", " + process;
        } catch (UnknownHostException e) {
            return process;
        }
    }

    private static Map<Integer, Path> found(Path folder) {
        Map<Integer, Path> found = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Matcher name = SHARE.matcher(file.getFileName().toString());
                if (name.matches()) {
                    found.put(Integer.parseInt(name.group(1)), file);
                }
            }
        } catch (IOException e) {
            throw new DataException(folder + ": the folder of shares cannot be read: " + IoProblem.explain(e), e);
        }
        if (found.isEmpty()) {
            throw new DataException(folder + " holds no files device-K.images, expected those that 'partition --shares' writes");
        }
        return found;
    }

    /** {@return what this node says of itself} */
    public NodeFacts facts() {
        return facts;
    }

    /**
     * The data of a device that this node holds.
     *
     * @param device its number
     * @return its images
     * @throws TurnRefusedException if this node does not hold them
     */
    Dataset share(int device) {
        Path file = shares.get(device);
        if (file == null) {
            throw new TurnRefusedException("node '" + facts.name() + "' does not hold the data of device " + device + ", only those of "
                    + NodeFacts.ranges(shares.keySet()) + "; start it with --shares DIR and the file device-" + device + ".images in DIR");
        }
        return ImageFile.map(file);
    }

    /**
     * Something that this node was sent.
     *
     * @param hash its SHA-256
     * @return its bytes, not to be changed
     * @throws MissingObjectsException if it is not here
     */
    public byte[] object(String hash) {
        return objects.find(hash).orElseThrow(() -> new MissingObjectsException(List.of(hash)));
    }

    /**
     * Checks that everything is here that will be asked for, so that what is missing is asked for at once.
     *
     * @param hashes SHA-256 of each
     * @throws MissingObjectsException naming all that are not here
     */
    public void require(List<String> hashes) {
        List<String> missing = new ArrayList<>(hashes);
        missing.removeIf(hash -> objects.find(hash).isPresent());
        if (!missing.isEmpty()) {
            throw new MissingObjectsException(missing);
        }
    }

    /**
     * Does a turn. Never throws because of what the turn holds.
     *
     * @param bytes of a turn
     * @return bytes of its answer
     */
    public byte[] run(byte[] bytes) {
        try {
            Turn turn = Turn.decode(bytes);
            check(turn);
            for (Map.Entry<String, byte[]> object : turn.objects().entrySet()) {
                objects.put(object.getKey(), object.getValue());
            }
            long start = System.nanoTime();
            byte[] content = turn.task().equals(Turn.ANNOUNCE) ? announcement() : task(turn.task()).run(turn.content(), this);
            return new TurnAnswer.Done(facts.id(), System.nanoTime() - start, content).encode();
        } catch (MissingObjectsException e) {
            return new TurnAnswer.Missing(facts.id(), e.hashes()).encode();
        } catch (TurnRefusedException e) {
            return new TurnAnswer.Refused(facts.id(), e.getMessage()).encode();
        } catch (OutOfMemoryError e) {
            return new TurnAnswer.Failed(facts.id(), "node '" + facts.name() + "' ran out of memory (" + e.getMessage() + "), its heap may "
                    + "have " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB; give it more, or fewer slots").encode();
        } catch (RuntimeException | Error e) {
            return new TurnAnswer.Failed(facts.id(), "node '" + facts.name() + "': " + e).encode();
        }
    }

    private void check(Turn turn) {
        if (!turn.classes().equals(classes)) {
            throw new TurnRefusedException("node '" + facts.name() + "' has other classes of this program (fingerprint "
                    + brief(classes) + ", the driver's are " + brief(turn.classes()) + "); put the driver's jars on the node and start it "
                    + "again");
        }
        if (turn.exact() && !turn.platform().equals(platform)) {
            throw new TurnRefusedException("node '" + facts.name() + "' computes other bits (" + platform + ", the driver "
                    + turn.platform() + "), and this run promises the same bits whoever does the work; use machines of one kind, or "
                    + "--set exact=false");
        }
    }

    private static String brief(String fingerprint) {
        return fingerprint.substring(0, Math.min(12, fingerprint.length()));
    }

    private byte[] announcement() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            facts.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private TurnTask task(String name) {
        return tasks.find(name).orElseThrow(() -> new TurnRefusedException("node '" + facts.name() + "' cannot do '" + name
                + "', only " + tasks.names() + "; put the driver's jars on the node"));
    }
}

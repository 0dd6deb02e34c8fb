package dev.fedtiny.cluster;

import dev.fedtiny.data.Sha256;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a node was sent, by SHA-256: a model comes once, however many devices are asked with it. Beyond its limit it drops what was not used
 * for longest, which then is asked for again. Thread-safe.
 */
final class ObjectStore {
    private final long limit;
    private final Map<String, byte[]> objects = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /** A store of at most so many bytes, or of one object where that alone is larger. */
    ObjectStore(long limit) {
        this.limit = limit;
    }

    /**
     * Takes an object in.
     *
     * @throws TurnRefusedException if its bytes are not those of the hash
     */
    synchronized void put(String hash, byte[] object) {
        if (objects.containsKey(hash)) {
            return;
        }
        if (!Sha256.of(object).equals(hash)) {
            throw new TurnRefusedException("an object of " + object.length + " bytes does not have the SHA-256 it was sent under, " + hash
                    + ": it was damaged on the way");
        }
        objects.put(hash, object);
        bytes += object.length;
        Iterator<Map.Entry<String, byte[]>> oldest = objects.entrySet().iterator();
        while (bytes > limit && objects.size() > 1) {
            bytes -= oldest.next().getValue().length;
            oldest.remove();
        }
    }

    /** An object, not to be changed; empty where it is not here. */
    synchronized Optional<byte[]> find(String hash) {
        return Optional.ofNullable(objects.get(hash));
    }
}

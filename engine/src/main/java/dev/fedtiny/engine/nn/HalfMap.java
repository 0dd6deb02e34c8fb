package dev.fedtiny.engine.nn;

/**
 * A stored map in half precision, laid out as in single precision. Groups are rounded when they are saved and widened a channel at a time
 * when they are read, into a piece of scratch that belongs to the calling thread and stays in its cache.
 */
final class HalfMap {
    private final StoredMap map;
    private final Pass pass;
    private short[] data;

    HalfMap(StoredMap map, Pass pass) {
        this.map = map;
        this.pass = pass;
    }

    private int channelFloats() {
        return map.tile.pixels() * 8;
    }

    private long values() {
        return (long) pass.capacityGroups * map.groupFloats;
    }

    void reserve(Workspace workspace) {
        if (values() > Arrays32.limit()) {
            throw new IllegalArgumentException("session: a stored map would need " + values() + " values, more than a Java array holds; "
                    + "use a smaller batch");
        }
        workspace.needChannels(channelFloats());
    }

    void allocate() {
        data = new short[Math.toIntExact(values())];
    }

    /** Bytes of the array that {@link #allocate} makes. */
    long bytes() {
        return 2 * values();
    }

    /** Rounds channels {@code [from, to)} of a group, whose first channel lies at {@code at}. */
    void save(float[] z, int at, int group, int from, int to) {
        int n = channelFloats();
        narrow(z, at + from * n, data, group * map.groupFloats + from * n, (to - from) * n);
    }

    /** Widens a channel of a group and answers where it lies in {@link Workspace#channels}. */
    int widen(int group, int channel) {
        Workspace workspace = pass.workspace;
        int at = Arrays32.ORIGIN + pass.team.workers.current() * workspace.channelFloats();
        widen(data, group * map.groupFloats + channel * channelFloats(), workspace.channels, at, channelFloats());
        return at;
    }

    /** The array that {@link #widen} writes to. */
    float[] widened() {
        return pass.workspace.channels;
    }

    private static void narrow(float[] from, int at, short[] to, int out, int count) {
        for (int i = 0; i < count; i++) {
            to[out + i] = Float.floatToFloat16(from[at + i]);
        }
    }

    private static void widen(short[] from, int at, float[] to, int out, int count) {
        for (int i = 0; i < count; i++) {
            to[out + i] = Float.float16ToFloat(from[at + i]);
        }
    }
}

package dev.fedtiny.cluster.hazelcast;

import com.hazelcast.config.SerializationConfig;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import dev.fedtiny.cluster.TurnWorker;
import java.io.IOException;
import java.util.concurrent.Callable;

/** A turn as it travels: its bytes are written as they are, which Java's serialization would do in pieces of a kilobyte. */
final class Call implements Callable<byte[]>, IdentifiedDataSerializable {
    private static final int FACTORY = 1;

    private byte[] turn;

    /** For whoever reads one. */
    private Call() {
    }

    Call(byte[] turn) {
        this.turn = turn;
    }

    /** Members and drivers must know how one is made before it is read. */
    static void register(SerializationConfig config) {
        config.addDataSerializableFactory(FACTORY, _ -> new Call());
    }

    @Override
    public byte[] call() {
        return TurnWorker.run(turn);
    }

    @Override
    public int getFactoryId() {
        return FACTORY;
    }

    @Override
    public int getClassId() {
        return 1;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeByteArray(turn);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        turn = in.readByteArray();
    }
}

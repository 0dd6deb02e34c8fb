package dev.fedtiny.federation.process;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.device.Device;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Adopt;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.MessageKind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** The program of a device that does everything right until it is asked to train. */
final class MisbehavingDevice {
    /** The device of a pool at which a process misbehaves. */
    static final int CULPRIT = 1;
    /** In place of the number of a device: this is process 0 of a pool. */
    static final int POOLED = -1;
    private static final int LENGTH = 6;
    private static final int ROUND = 10;
    private static final int DEVICE = 14;
    private static final int MASK_VERSION = Frame.HEADER_BYTES;
    private static final int FIRST_VALUE = Frame.HEADER_BYTES + 24;

    private MisbehavingDevice() {
    }

    /**
     * Arguments: misdeed, settings, port, number of the device, images, a file to create when training is asked; the token on
     * standard input. */
    public static void main(String[] words) throws Exception {
        Misdeed misdeed = Misdeed.valueOf(words[0]);
        Dataset data = ImageFile.map(Path.of(words[4]));
        TrainingPlan plan = Experiment.of(Experiment.read(Path.of(words[1]))).plan(data);
        int number = Integer.parseInt(words[3]);
        Device device = new Device(number, plan.network(), data, plan.deviceSettings());
        Join introduction = DeviceProcess.introduction(Math.max(0, number), TokenFile.read(System.in));
        try (FrameConnection connection = DeviceProcess.join(
                new InetSocketAddress(DeviceProcess.loopback(), Integer.parseInt(words[2])), introduction);
                SessionCache sessions = new SessionCache(Workers.of(1))) {
            byte[] earlier = new byte[0];
            while (true) {
                byte[] request = connection.receive();
                if (Adopt.isOne(request)) {
                    device = adopted(Adopt.decode(request), Path.of(words[4]), plan, connection);
                    continue;
                }
                byte[] answer = device.handle(request, sessions);
                boolean misbehaves = number != POOLED || device.number() == CULPRIT && !Files.exists(Path.of(words[5]));
                if (request[5] == MessageKind.TRAIN.code() && misbehaves) {
                    Files.createFile(Path.of(words[5]));
                    misbehave(misdeed, connection, answer, earlier);
                } else {
                    connection.send(answer);
                    if (misdeed == Misdeed.REPEATED) {
                        connection.send(answer);
                    }
                    earlier = answer;
                }
            }
        }
    }

    /** In a pool: any device, of which {@link #CULPRIT} misbehaves, once a process; words[4] are one device's images in their folder. */
    private static Device adopted(Adopt adopt, Path images, TrainingPlan plan, FrameConnection connection) throws IOException {
        Dataset data = ImageFile.map(images.resolveSibling("device-" + adopt.device() + ".images"));
        Device device = new Device(adopt.device(), plan.network(), data, plan.deviceSettings());
        if (adopt.recalls()) {
            device.recall(connection.receiveHeader(), connection::read);
        }
        return device;
    }

    private static void misbehave(Misdeed misdeed, FrameConnection connection, byte[] answer, byte[] earlier) throws Exception {
        ByteBuffer frame = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN);
        switch (misdeed) {
            case KILLED, HANGS -> Thread.sleep(600_000);
            case GARBAGE -> {
                byte[] garbage = new byte[4000];
                Arrays.fill(garbage, (byte) 0x5a);
                connection.send(garbage);
            }
            case TRUNCATED -> {
                connection.send(Arrays.copyOf(answer, answer.length / 2));
                throw new IOException("as planned");
            }
            case OUT_OF_ORDER -> connection.send(earlier);
            case NOT_A_NUMBER -> connection.send(sealed(frame.putFloat(FIRST_VALUE, Float.NaN)));
            case INFINITE -> connection.send(sealed(frame.putFloat(FIRST_VALUE, Float.POSITIVE_INFINITY)));
            case WRONG_ROUND -> connection.send(sealed(frame.putInt(ROUND, frame.getInt(ROUND) + 1)));
            case WRONG_DEVICE -> connection.send(sealed(frame.putInt(DEVICE, 0)));
            case WRONG_MASK -> connection.send(sealed(frame.putInt(MASK_VERSION, frame.getInt(MASK_VERSION) + 1)));
            case DAMAGED -> {
                answer[answer.length / 2] ^= 4;
                connection.send(answer);
            }
            case TOO_LONG -> connection.send(sealed(frame.putInt(LENGTH, 1 << 30)));
            case REPEATED -> connection.send(answer);
        }
    }

    private static byte[] sealed(ByteBuffer frame) {
        CRC32C crc = new CRC32C();
        crc.update(frame.array(), 0, frame.capacity() - 4);
        return frame.putInt(frame.capacity() - 4, (int) crc.getValue()).array();
    }
}

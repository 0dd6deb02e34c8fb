package dev.fedtiny.protocol;

import java.util.ArrayList;
import java.util.List;

/** Devices named in a message. Payload: how many (4), their numbers, strictly ascending (4 each). */
final class DeviceNumbers {
    /** The most devices that a message names. */
    static final int MOST = 1 << 16;

    private DeviceNumbers() {
    }

    static void write(PayloadWriter writer, List<Integer> devices) {
        writer.int32(devices.size());
        devices.forEach(writer::int32);
    }

    static List<Integer> read(PayloadReader reader) {
        int count = reader.int32In("number of devices", 0, MOST);
        reader.require(4L * count);
        List<Integer> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(readNext(reader, i == 0 ? -1 : devices.getLast()));
        }
        return devices;
    }

    /** One number, above the one before it. */
    static int readNext(PayloadReader reader, int before) {
        int device = reader.int32();
        if (device <= before) {
            throw reader.content("device " + device + " follows device " + before + "; numbers must rise strictly from 0");
        }
        return device;
    }
}

package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.device.Device;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.TrafficCounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipe for a transport in {@code CONTRIBUTING.md}, followed: one class carries frames in files, and a run has the same bits. */
class TransportRecipeTest {
    @TempDir
    Path folder;

    /** Devices that are reached through files of a folder. */
    private static final class FileFleet implements Fleet {
        private final Path folder;
        private final List<Device> devices;
        private final Workers workers = Workers.of(1);
        private final SessionCache sessions = new SessionCache(workers, Metering.OFF);
        private final TrafficCounter traffic = new TrafficCounter();

        FileFleet(Path folder, List<Device> devices) {
            this.folder = folder;
            this.devices = devices;
        }

        @Override
        public List<Integer> roster() {
            return devices.stream().map(Device::number).toList();
        }

        @Override
        public void exchange(List<Integer> asked, Requests requests, Answers answers) {
            for (int device : asked) {
                try {
                    byte[] request = carried("request-" + device, requests.request(device).frame());
                    answers.answered(device, carried("answer-" + device, devices.get(device).handle(request, sessions)));
                } catch (IOException e) {
                    answers.lost(device, "device " + device + " could not be reached (" + e.getMessage() + ")");
                }
            }
        }

        private byte[] carried(String name, byte[] frame) throws IOException {
            traffic.count(frame);
            return Files.readAllBytes(Files.write(folder.resolve(name), frame));
        }

        @Override
        public Traffic traffic() {
            return traffic.total();
        }

        @Override
        public void close() {
            sessions.close();
            workers.close();
        }
    }

    @Test
    void framesInFilesGiveTheSameBitsAndTraffic() {
        TrainingPlan plan = TinyRuns.plan(3);
        List<Device> devices = IntStream.range(0, TinyRuns.DEVICES).mapToObj(k -> new Device(k, plan.network(),
                TinyRuns.DATA.devices().get(k), plan.deviceSettings())).toList();
        try (Fleet files = new FileFleet(folder, devices); Fleet memory = TinyRuns.fleet(plan)) {
            Method method = TinyRuns.fedTiny(Selection.ADAPTIVE);
            TinyRuns.Run carried = TinyRuns.run(method, TinyRuns.over(plan, files));
            TinyRuns.Run direct = TinyRuns.run(method, TinyRuns.over(plan, memory));
            assertTrue(TinyRuns.sameBits(direct.states().getLast().model(), carried.states().getLast().model()));
            assertEquals(memory.traffic(), files.traffic());
        }
    }
}

package app;

import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.network.Fingerprint;
import dev.fedtiny.network.device.FederatedDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** An application that trains on what it has measured, which never leaves it. Arguments: server, fingerprint, token, readings, shape. */
public final class FederatedApp {
    public static void main(String[] args) throws IOException {
        Path readings = Path.of(args[3]); // label,value,value,... a line; grows while the application runs
        int[] sizes = Arrays.stream(args[4].split("x")).mapToInt(Integer::parseInt).toArray();
        Shape shape = new Shape(sizes[0], sizes[1], sizes[2]);
        try (FederatedDevice device = FederatedDevice.join(URI.create(args[0]), Optional.of(TokenFile.read(Path.of(args[2]))))
                .pin(new Fingerprint(args[1]))
                .keys(Path.of("device.key")) // made at the first start
                .data(() -> samples(readings, shape)) // read anew each turn
                .onTurn(cost -> System.out.println(cost))
                .open()) {
            device.run(); // until the server says that it is over
        }
    }

    static Samples samples(Path file, Shape shape) {
        try {
            List<String[]> lines = Files.readAllLines(file).stream().map(line -> line.split(",")).toList();
            float[][] values = lines.stream().map(FederatedApp::values).toArray(float[][]::new);
            int[] labels = lines.stream().mapToInt(line -> Integer.parseInt(line[0])).toArray();
            return Samples.of(shape, values, labels);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static float[] values(String[] line) {
        float[] values = new float[line.length - 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.parseFloat(line[i + 1]);
        }
        return values;
    }
}

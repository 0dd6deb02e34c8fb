package dev.fedtiny.engine.model;

/**
 * The fully connected autoencoder of MLPerf Tiny's anomaly detection (640 values of a spectrogram there, width 128): four layers of one
 * width, eight values, four layers again, and as many outputs as inputs; batch normalisation and ReLU behind all but the last. It does not
 * classify: its output is compared with its input.
 */
final class Autoencoder {
    private static final int LAYERS = 4;
    private static final int CODE = 8;

    private Autoencoder() {
    }

    static Network build(NetworkSpec spec) {
        Network.Builder net = Network.builder(spec.input());
        int x = 0;
        for (int i = 0; i <= 2 * LAYERS; i++) {
            if (i % (LAYERS + 1) == 0) {
                net.block(i == 0 ? "encoder" : "decoder");
            }
            x = net.linear("linears." + i, x, i == LAYERS ? CODE : spec.width(), true, true);
            x = net.relu(net.batchNorm2d("norms." + i, x));
        }
        net.linear("linears." + (2 * LAYERS + 1), x, spec.input().size(), true, true);
        return net.build(spec);
    }
}

package dev.fedtiny.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.Normalization;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.AdamW;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.RmsProp;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.privacy.SecureAggregation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionTermsTest {
    private static final Kinds<TaskKind> NO_TASKS = new Kinds<>(List.of());

    private static SessionTerms terms(Network network, Optimizer optimizer, SessionOptions sessions) {
        return new SessionTerms(network, new DeviceSettings(-3, optimizer, Augmentation.CROP_AND_MIRROR.withCutout(8),
                new DevelopmentSplit(0.1, 16), sessions, NO_TASKS), Metering.ON);
    }

    private static Network network(Architecture architecture) {
        Network network = new NetworkSpec(architecture, new Shape(3, 32, 32), 8, 10).build();
        String last = network.parameters().stream().filter(Parameter::prunable).reduce((_, next) -> next).orElseThrow().name();
        return network.withoutPruning(last);
    }

    @Test
    void whatIsToldIsWhatIsRead() {
        for (String key : List.of("resnet18", "vgg11", "mobilenetv2")) {
            Network network = network(Architecture.ofKey(key));
            for (Optimizer optimizer : List.of(new Sgd(0.9, 1e-4), new Adam(), Adam.amsgrad(1e-3), new AdamW(0.01),
                    new RmsProp(0.99, 1e-8, 1e-5, 0.5, true))) {
                for (AlgorithmPolicy policy : List.of(AlgorithmPolicy.AUTOMATIC, AlgorithmPolicy.DIRECT, AlgorithmPolicy.TRANSFORMED,
                        new AlgorithmPolicy.Always(ConvolutionAlgorithm.CSR))) {
                    SessionTerms terms = terms(network, optimizer, SessionOptions.DEFAULT.withAlgorithms(policy)
                            .withActivations(ActivationStorage.BFLOAT16));
                    SessionTerms read = SessionTerms.decode(terms.encode(), NO_TASKS);
                    assertEquals(terms.settings(), read.settings());
                    assertEquals(Metering.ON, read.metering());
                    assertEquals(NetworkFingerprint.of(network), NetworkFingerprint.of(read.network()));
                    assertArrayEquals(terms.encode(), read.encode());
                }
            }
        }
    }

    /** A growth batch travels in terms that a device which knows none refuses. */
    @Test
    void aGrowthBatchTravelsInTermsOfTheNextVersion() {
        Network network = network(Architecture.ofKey("vgg11"));
        SessionTerms plain = terms(network, new Sgd(0.9, 1e-4), SessionOptions.DEFAULT);
        DeviceSettings settings = plain.settings();
        SessionTerms grows = new SessionTerms(network, new DeviceSettings(settings.seed(), settings.optimizer(), settings.augmentation(),
                settings.development(), settings.sessions(), new Orders(NO_TASKS, Optional.of(SecureAggregation.USUAL)), 0, 64),
                Metering.OFF);
        assertEquals(64, SessionTerms.decode(grows.encode(), NO_TASKS).settings().growthBatch());
        assertEquals(0, SessionTerms.decode(plain.encode(), NO_TASKS).settings().growthBatch());
        assertTrue(new String(plain.encode(), StandardCharsets.UTF_8).contains("\"version\":1,"));
        assertTrue(new String(grows.encode(), StandardCharsets.UTF_8).contains("\"version\":2,"));
    }

    /** The figures of the run's images travel; terms of a server that says none are those of earlier releases, byte by byte. */
    @Test
    void figuresOfImagesTravel() {
        SessionTerms plain = terms(network(Architecture.ofKey("vgg11")), new Sgd(0.9, 1e-4), SessionOptions.DEFAULT);
        Normalization figures = new Normalization("measured", List.of(0.1, 1 / 3.0, 0.3), List.of(0.5, 0.6, 2 / 3.0));
        SessionTerms told = new SessionTerms(plain.network(), plain.settings(), plain.metering(), Optional.of(figures));
        assertEquals(Optional.of(figures), SessionTerms.decode(told.encode(), NO_TASKS).images());
        assertEquals(Optional.empty(), SessionTerms.decode(plain.encode(), NO_TASKS).images());
        String text = new String(told.encode(), StandardCharsets.UTF_8);
        for (String damaged : new String[] {text.replace("[0.5,", "[-0.5,"), text.replace("[0.5,", "["), text.replace("[0.5,", "[\"a\","),
            text.replace("\"standardDeviation\"", "\"deviation\"")}) {
            assertThrows(ProtocolException.class, () -> SessionTerms.decode(damaged.getBytes(StandardCharsets.UTF_8), NO_TASKS), damaged);
        }
    }

    @Test
    void whatNoOtherProgramKnowsDoesNotTravel() {
        Optimizer own = _ -> new Sgd(0, 0);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> terms(network(Architecture.ofKey("vgg11")), own, SessionOptions.DEFAULT).encode());
        assertTrue(e.getMessage().contains("expected one of Sgd"), e.getMessage());
    }

    /** Every damage is named by the one exception, and by no other. */
    @Test
    void damagedTermsAreNamed() {
        byte[] good = terms(network(Architecture.ofKey("vgg11")), new Sgd(0.9, 1e-4), SessionOptions.DEFAULT).encode();
        RandomStream random = RandomStream.of(8, "terms");
        int refused = 0;
        for (int n = 0; n < 2000; n++) {
            byte[] damaged = good.clone();
            for (int change = 0; change <= random.nextInt(3); change++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            byte[] cut = n % 5 == 0 ? java.util.Arrays.copyOf(damaged, random.nextInt(damaged.length)) : damaged;
            try {
                SessionTerms.decode(cut, NO_TASKS);
            } catch (ProtocolException e) {
                refused++;
            }
        }
        assertTrue(refused > 1000, refused + " of 2000 were refused");
    }
}

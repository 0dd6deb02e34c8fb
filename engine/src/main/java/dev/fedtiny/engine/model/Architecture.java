package dev.fedtiny.engine.model;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The networks that can be built by name. */
public enum Architecture {
    /** {@link ResNet18}. */
    RESNET18("resnet18"),
    /** {@link Vgg11} with three small linear layers. */
    VGG11_SMALL("vgg11"),
    /** {@link Vgg11} with the original's head of 4,096 hidden units and dropout. */
    VGG11_IMAGENET("vgg11-imagenet"),
    /** {@link Vgg11} with one linear layer. */
    VGG11_SINGLE("vgg11-single"),
    /** {@link SmallCnn} of 32-64-32 channels and 128 hidden units. */
    CNN_32_64_32("cnn-32-64-32"),
    /** {@link SmallCnn} of 8-16-32 channels and 128 hidden units. */
    CNN_8_16_32("cnn-8-16-32"),
    /** {@link SmallCnn} of 8-16-16 channels and 128 hidden units. */
    CNN_8_16_16("cnn-8-16-16"),
    /** {@link SmallCnn} of 8-8-8 channels and 64 hidden units. */
    CNN_8_8_8("cnn-8-8-8");

    private final String key;

    Architecture(String key) {
        this.key = key;
    }

    /** The name used in files and on the command line. */
    public String key() {
        return key;
    }

    /**
     * The architecture of a name.
     *
     * @throws IllegalArgumentException listing the names there are
     */
    public static Architecture ofKey(String key) {
        for (Architecture architecture : values()) {
            if (architecture.key.equals(key)) {
                return architecture;
            }
        }
        throw new IllegalArgumentException("there is no architecture '" + key + "'; known are "
                + Arrays.stream(values()).map(Architecture::key).collect(Collectors.joining(", ")));
    }

    Network build(NetworkSpec spec) {
        return switch (this) {
            case RESNET18 -> ResNet18.build(spec);
            case VGG11_SMALL -> Vgg11.build(spec, Vgg11.Head.SMALL);
            case VGG11_IMAGENET -> Vgg11.build(spec, Vgg11.Head.IMAGENET);
            case VGG11_SINGLE -> Vgg11.build(spec, Vgg11.Head.SINGLE);
            case CNN_32_64_32 -> SmallCnn.build(spec, 32, 64, 32, 128);
            case CNN_8_16_32 -> SmallCnn.build(spec, 8, 16, 32, 128);
            case CNN_8_16_16 -> SmallCnn.build(spec, 8, 16, 16, 128);
            case CNN_8_8_8 -> SmallCnn.build(spec, 8, 8, 8, 64);
        };
    }
}

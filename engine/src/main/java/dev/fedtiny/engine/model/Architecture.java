package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The networks that can be built by name. */
public enum Architecture {
    /** {@link ResNet18} as for CIFAR. */
    RESNET18("resnet18", ResNet18::cifar, new Shape(3, 32, 32), 64, 10),
    /** {@link ResNet18} as for ImageNet. */
    RESNET18_IMAGENET("resnet18-imagenet", ResNet18::imageNet, new Shape(3, 224, 224), 64, 1000),
    /** {@link ResNet8} of MLPerf Tiny. */
    RESNET8("resnet8", ResNet8::build, new Shape(3, 32, 32), 16, 10),
    /** {@link Vgg11} with three small linear layers. */
    VGG11_SMALL("vgg11", spec -> Vgg11.build(spec, Vgg11.Head.SMALL), new Shape(3, 32, 32), 64, 10),
    /** {@link Vgg11} with the original's head of 4,096 hidden units and dropout. */
    VGG11_IMAGENET("vgg11-imagenet", spec -> Vgg11.build(spec, Vgg11.Head.IMAGENET), new Shape(3, 32, 32), 64, 10),
    /** {@link Vgg11} with one linear layer. */
    VGG11_SINGLE("vgg11-single", spec -> Vgg11.build(spec, Vgg11.Head.SINGLE), new Shape(3, 32, 32), 64, 10),
    /** {@link MobileNetV1}; width 8 is MLPerf Tiny's. */
    MOBILENET_V1("mobilenetv1", MobileNetV1::build, new Shape(3, 96, 96), 8, 2),
    /** {@link MobileNetV2}; width 32 is the paper's. */
    MOBILENET_V2("mobilenetv2", MobileNetV2::build, new Shape(3, 32, 32), 32, 10),
    /** {@link DsCnn} of MLPerf Tiny. */
    DS_CNN("dscnn", DsCnn::build, new Shape(1, 49, 10), 64, 12),
    /** {@link SqueezeNet}. */
    SQUEEZENET("squeezenet", SqueezeNet::build, new Shape(3, 32, 32), 64, 10),
    /** {@link LeNet#lenet5}. */
    LENET("lenet", LeNet::lenet5, new Shape(1, 28, 28), 6, 10),
    /** {@link LeNet#femnist}. */
    FEMNIST_CNN("femnist-cnn", LeNet::femnist, new Shape(1, 28, 28), 32, 62),
    /** {@link Mlp}. */
    MLP("mlp", Mlp::build, new Shape(1, 28, 28), 200, 10),
    /** {@link Cnn1d}. */
    CNN_1D("cnn1d", Cnn1d::build, new Shape(9, 1, 128), 16, 6),
    /** {@link Autoencoder} of MLPerf Tiny; does not classify. */
    AUTOENCODER("autoencoder", Autoencoder::build, new Shape(640, 1, 1), 128, 640),
    /** {@link UNet}; classifies pixels, not images. */
    UNET("unet", UNet::build, new Shape(3, 32, 32), 16, 2),
    /** {@link SmallCnn} of 32-64-32 channels and 128 hidden units. */
    CNN_32_64_32("cnn-32-64-32", spec -> SmallCnn.build(spec, 32, 64, 32, 128), new Shape(3, 32, 32), 32, 10),
    /** {@link SmallCnn} of 8-16-32 channels and 128 hidden units. */
    CNN_8_16_32("cnn-8-16-32", spec -> SmallCnn.build(spec, 8, 16, 32, 128), new Shape(3, 32, 32), 8, 10),
    /** {@link SmallCnn} of 8-16-16 channels and 128 hidden units. */
    CNN_8_16_16("cnn-8-16-16", spec -> SmallCnn.build(spec, 8, 16, 16, 128), new Shape(3, 32, 32), 8, 10),
    /** {@link SmallCnn} of 8-8-8 channels and 64 hidden units. */
    CNN_8_8_8("cnn-8-8-8", spec -> SmallCnn.build(spec, 8, 8, 8, 64), new Shape(3, 32, 32), 8, 10);

    private final String key;
    private final Function<NetworkSpec, Network> builder;
    private final NetworkSpec usual;

    Architecture(String key, Function<NetworkSpec, Network> builder, Shape input, int width, int classes) {
        this.key = key;
        this.builder = builder;
        this.usual = new NetworkSpec(this, input, width, classes);
    }

    /** {@return the name used in files and on the command line} */
    public String key() {
        return key;
    }

    /** {@return the images, width and classes it was published with, or is mostly used with} */
    public NetworkSpec usual() {
        return usual;
    }

    /** {@return whether its output is one logit a class: what federated runs train} */
    public boolean classifies() {
        return this != AUTOENCODER && this != UNET;
    }

    /** {@return the names of those that classify images, separated by commas} */
    public static String classifiers() {
        return Arrays.stream(values()).filter(Architecture::classifies).map(Architecture::key).collect(Collectors.joining(", "));
    }

    /**
     * The architecture of a name.
     *
     * @param key as {@link #key} gives it
     * @return its constant
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
        return builder.apply(spec);
    }
}

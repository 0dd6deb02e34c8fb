package dev.fedtiny.data;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which images these are, and what training usually does with them. */
public enum DatasetKind {
    /** CIFAR-10. */
    CIFAR10("cifar10", "CIFAR-10", Augmentation.CROP_AND_MIRROR, 3, Normalization.CIFAR10, ClassNames.CIFAR10),
    /** CIFAR-100, fine or coarse labels. */
    CIFAR100("cifar100", "CIFAR-100", Augmentation.CROP_AND_MIRROR, 3, Normalization.CIFAR100, List.of()),
    /** SVHN digits. */
    SVHN("svhn", "SVHN", Augmentation.CROP, 3, Normalization.SVHN, ClassNames.DIGITS),
    /** CINIC-10. */
    CINIC10("cinic10", "CINIC-10", Augmentation.CROP_AND_MIRROR, 3, Normalization.CINIC10, ClassNames.CIFAR10),
    /** Tiny ImageNet, 64×64 pixels; classes have the names that the data set brings. */
    TINY_IMAGENET("tiny-imagenet", "Tiny ImageNet", Augmentation.CROP_AND_MIRROR, 3, Normalization.TINY_IMAGENET, List.of()),
    /** Fashion-MNIST. */
    FASHION_MNIST("fashion-mnist", "Fashion-MNIST", Augmentation.CROP_AND_MIRROR, 1, Normalization.FASHION_MNIST, ClassNames.FASHION_MNIST),
    /** MNIST digits. */
    MNIST("mnist", "MNIST", Augmentation.CROP, 1, Normalization.MNIST, ClassNames.DIGITS),
    /** Kuzushiji-MNIST: handwritten characters, normalised by what is measured. */
    KMNIST("kmnist", "KMNIST", Augmentation.CROP, 1, null, ClassNames.KMNIST),
    /** Anything else: nothing is done to the images that might change their meaning, and figures are measured. */
    CUSTOM("neutral", "neutral", Augmentation.NONE, 0, null, List.of());

    private final String key;
    private final String title;
    private final Augmentation augmentation;
    private final int channels;
    private final Normalization normalization;
    private final List<String> classNames;

    DatasetKind(String key, String title, Augmentation augmentation, int channels, Normalization normalization, List<String> classNames) {
        this.key = key;
        this.title = title;
        this.augmentation = augmentation;
        this.channels = channels;
        this.normalization = normalization;
        this.classNames = classNames;
    }

    /**
     * The kind that a key names.
     *
     * @param key as {@link #key()} gives it
     * @return its constant
     * @throws IllegalArgumentException if there is none of that key; names all
     */
    public static DatasetKind ofKey(String key) {
        return Arrays.stream(values()).filter(kind -> kind.key.equals(key)).findFirst().orElseThrow(() -> new IllegalArgumentException(
                "no data set is called '" + key + "', expected one of " + keys()));
    }

    /** {@return all keys, with commas between} */
    public static String keys() {
        return Arrays.stream(values()).map(DatasetKind::key).collect(Collectors.joining(", "));
    }

    /** {@return the name in settings, for example {@code fashion-mnist}} */
    public String key() {
        return key;
    }

    /** {@return the usual spelling of the name, for reports} */
    public String title() {
        return title;
    }

    /** {@return the augmentation of training images that suits this kind: mirrored only where that keeps the meaning; no cutout} */
    public Augmentation augmentation() {
        return augmentation;
    }

    /** Whether images of so many channels and classes can be of this kind. */
    boolean fits(int imageChannels, int classes) {
        return switch (this) {
            case CUSTOM -> true;
            case TINY_IMAGENET -> imageChannels == channels;
            case CIFAR100 -> imageChannels == channels
                    && Arrays.stream(Cifar100Labels.values()).anyMatch(labels -> labels.classes() == classes);
            default -> imageChannels == channels && classes == classNames.size();
        };
    }

    /** The published figures; empty where they are measured from the training images. */
    Optional<Normalization> normalization() {
        return Optional.ofNullable(normalization);
    }

    /** One name a class; empty where they are not known. */
    List<String> classNames() {
        return classNames;
    }
}

package dev.fedtiny.data;

/** Which images these are, and what training usually does with them. */
public enum DatasetKind {
    /** CIFAR-10. */
    CIFAR10("CIFAR-10", Augmentation.CROP_AND_MIRROR),
    /** CIFAR-100, fine or coarse labels. */
    CIFAR100("CIFAR-100", Augmentation.CROP_AND_MIRROR),
    /** SVHN digits. */
    SVHN("SVHN", Augmentation.CROP),
    /** CINIC-10. */
    CINIC10("CINIC-10", Augmentation.CROP_AND_MIRROR),
    /** Fashion-MNIST. */
    FASHION_MNIST("Fashion-MNIST", Augmentation.CROP_AND_MIRROR),
    /** Anything else. */
    CUSTOM("custom", Augmentation.NONE);

    private final String title;
    private final Augmentation augmentation;

    DatasetKind(String title, Augmentation augmentation) {
        this.title = title;
        this.augmentation = augmentation;
    }

    /** The usual spelling of the name, for reports. */
    public String title() {
        return title;
    }

    /** The augmentation of training images that suits this kind: mirrored only where that keeps the meaning; no cutout. */
    public Augmentation augmentation() {
        return augmentation;
    }
}

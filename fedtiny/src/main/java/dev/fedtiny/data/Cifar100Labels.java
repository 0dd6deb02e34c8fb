package dev.fedtiny.data;

/** Which of its two labels a CIFAR-100 image gets. */
public enum Cifar100Labels {
    /** The 100 classes. */
    FINE(1, 100, "fine_label_names.txt"),
    /** The 20 superclasses of five classes each. */
    COARSE(0, 20, "coarse_label_names.txt");

    private final int position;
    private final int classes;
    private final String namesFile;

    Cifar100Labels(int position, int classes, String namesFile) {
        this.position = position;
        this.classes = classes;
        this.namesFile = namesFile;
    }

    /** Where in a record the label byte is. */
    int position() {
        return position;
    }

    /** {@return how many classes there are: 100 or 20; labels run from 0 to one less} */
    public int classes() {
        return classes;
    }

    /** The file of class names beside the records. */
    String namesFile() {
        return namesFile;
    }
}

package dev.fedtiny.data;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The sets that are published as four IDX files of one form, told apart by MD5: nothing in such a file says what is drawn in it. Sums are
 * those of the packed files and, where they are known, of the unpacked ones.
 */
enum PublishedIdx {
    /** As published, and the part of it that this program embeds. */
    FASHION_MNIST(DatasetKind.FASHION_MNIST,
            Set.of("8d4fb7e6c68d591d4c3dfef9ec88bf0d", "f4a8712d7a061bf5bd6d2ca38dc4d50a", "9ee9f9dd9d6eedb08f83e11353447b19",
                    "21668e383b50add9c7ce0c696c968001"),
            Set.of("25c81989df183df01b3e8a0aad5dffbe", "9018921c3c673c538a1fc5bad174d6f9", "916c03c0d4e5bddf0a78ac556cfe95b3",
                    "da37d3cf0590571076844982761bfb9e"),
            Set.of("bef4ecab320f06d8554ea6380940ec79", "8181f5470baa50b63fa0f6fddb340f0a", "86ecceb4584a5aeebb1421c71f03db30",
                    "f7adbbcb554aab3b13033c64df418996"),
            Set.of("bb300cfdad3c16e7a12a480ee83cd310", "15d484375f8d13e6eb1aabb0c3f46965", "c777ba42142d2c0e2ec1021c5d04825c",
                    "27363a29c31484a60bfe1b81a126054f")),
    /** As published. */
    MNIST(DatasetKind.MNIST, Set.of("f68b3c2dcbeaaa9fbdd348bbdeb94873", "6bbc9ace898e44ae57da46a324031adb"),
            Set.of("d53e105ee54ea40749a09fcbcd1e9432", "a25bea736e30d166cdddb491f175f624"),
            Set.of("9fb629c4189551a2d022fa330f9573f3", "2646ac647ad5339dbf082846283269ea"),
            Set.of("ec29112dd5afa0611ce80d1b7f02629c", "27ae3e4e09519cfbb04c329615203637")),
    /** As published, packed. */
    KMNIST(DatasetKind.KMNIST, Set.of("bdb82020997e1d708af4cf47b453dcf7"), Set.of("e144d726b3acfaa3e44228e80efcd344"),
            Set.of("5c965bf0a639b31b8f53240b1b52f4d7"), Set.of("7320c461ea6c1c855c0b718fb2a4b134"));

    private final DatasetKind kind;
    private final List<Set<String>> sums;

    PublishedIdx(DatasetKind kind, Set<String> trainImages, Set<String> trainLabels, Set<String> testImages, Set<String> testLabels) {
        this.kind = kind;
        this.sums = List.of(trainImages, trainLabels, testImages, testLabels);
    }

    /**
     * The kind whose published files these are, all four of them.
     *
     * @param files training images, training labels, test images and test labels, each with the sums of its stored and its unpacked bytes
     */
    static Optional<DatasetKind> kind(List<Set<String>> files) {
        for (PublishedIdx set : values()) {
            boolean all = true;
            for (int i = 0; i < files.size(); i++) {
                all &= files.get(i).stream().anyMatch(set.sums.get(i)::contains);
            }
            if (all) {
                return Optional.of(set.kind);
            }
        }
        return Optional.empty();
    }
}

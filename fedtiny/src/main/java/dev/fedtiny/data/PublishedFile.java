package dev.fedtiny.data;

import java.util.Optional;

/**
 * One file as its authors publish it.
 *
 * @param name of the file
 * @param bytes its size
 * @param md5 its published checksum in lower-case hexadecimal, where there is one
 * @param origin where it officially comes from; empty for a file that comes out of an archive
 */
public record PublishedFile(String name, long bytes, Optional<String> md5, String origin) {
    static PublishedFile download(String folder, String name, long bytes, String md5) {
        return new PublishedFile(name, bytes, Optional.of(md5), folder + name);
    }

    static PublishedFile unpacked(String name, long bytes) {
        return new PublishedFile(name, bytes, Optional.empty(), "");
    }
}

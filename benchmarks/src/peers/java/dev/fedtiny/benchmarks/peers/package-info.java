/**
 * Other people's engines beside ours, each in processes of its own, in turn. Compiled only in the Maven profile {@code peers}, which brings
 * libtorch from Maven Central (Linux, x86-64).
 */
package dev.fedtiny.benchmarks.peers;

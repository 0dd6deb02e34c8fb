/**
 * Labelled images and who gets which: readers for the forms in which CIFAR, SVHN, CINIC-10, Tiny ImageNet and IDX sets are published, and
 * an embedded demo set; normalised and augmented batches in the engine's layout; the split of a training set between devices, the
 * server's public set and a device's development data. Every random choice comes from a
 * {@link dev.fedtiny.engine.runtime.RandomStream}, so equal seeds give equal data on every machine.
 */
package dev.fedtiny.data;

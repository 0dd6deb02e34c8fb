package dev.fedtiny.protocol;

/** What a device answers to a step of a secure sum. */
public sealed interface SecureAnswer extends DeviceMessage permits SumKeys, SumShares, MaskedVector, SumUnmasking {
}
